import { sql, type Kysely } from 'kysely'
import type { SchemaMigration } from '../schema-migration.ts'

export const foundation: SchemaMigration = {
  name: '0001-foundation',
  breaking: true,
  async up(db, kind) {
    const tables = createTables(db, kind)
    await accounts(tables)
    await branches(tables, db)
    await commits(tables, db)
    await pullRequests(tables, db)
    await issues(tables, db)
    await journals(tables, db)
  },
}

type ColumnKind = 'text' | 'text?' | 'bigint' | 'bigint?' | 'flag' | 'count'
type AnyDatabase = Kysely<unknown>

interface Tables {
  /** A table with a generated `id` and unique columns. */
  withId(name: string, columns: Record<string, ColumnKind>, unique?: readonly string[]): Promise<void>
  /** A table whose primary key are these of its columns; on SQLite it is its own index. */
  withKey(name: string, key: readonly string[], columns: Record<string, ColumnKind>): Promise<void>
}

function createTables(db: AnyDatabase, kind: 'sqlite' | 'postgres'): Tables {
  const start = (name: string, columns: Record<string, ColumnKind>) => {
    let table = db.schema.createTable(name)
    for (const [column, type] of Object.entries(columns)) {
      const sqlType = type.startsWith('text') ? 'text' : 'bigint'
      table = table.addColumn(column, sqlType, (definition) => {
        const notNull = type.endsWith('?') ? definition : definition.notNull()
        return type === 'count' || type === 'flag' ? notNull.defaultTo(0) : notNull
      })
    }
    return table
  }
  return {
    async withId(name, columns, unique) {
      let table = start(name, columns)
      table =
        kind === 'postgres'
          ? table.addColumn('id', 'bigint', (column) => column.generatedByDefaultAsIdentity().primaryKey())
          : table.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      if (unique !== undefined) table = table.addUniqueConstraint(`${name}_unique`, [...unique] as never[])
      await table.execute()
    },
    async withKey(name, key, columns) {
      const table = start(name, columns).addPrimaryKeyConstraint(`${name}_key`, [...key] as never[])
      await (kind === 'sqlite' ? table.modifyEnd(sql`without rowid`) : table).execute()
    },
  }
}

async function accounts(tables: Tables): Promise<void> {
  await tables.withKey('settings', ['key'], { key: 'text', value: 'text' })
  await tables.withKey('projects', ['key'], { key: 'text', jira_id: 'text', name: 'text', former: 'flag' })
  await tables.withKey('accounts', ['id'], {
    id: 'text',
    name: 'text',
    host: 'text',
    url: 'text',
    git_url: 'text?',
    owner: 'text?',
    managed_by: 'text',
    webhooks: 'text',
    auto_link: 'flag',
    smart_commits: 'flag',
    include: 'text',
    exclude: 'text',
    jira_projects: 'text',
    token_sealed: 'text?',
    webhook_admin_token_sealed: 'text?',
    webhook_secret_sealed: 'text?',
    state: 'text',
    problem: 'text?',
    swept_at: 'bigint?',
    next_sweep_at: 'bigint?',
    webhook_sweep_at: 'bigint?',
    deleting: 'flag',
    created_at: 'bigint',
  })
  await tables.withId(
    'repositories',
    {
      account_id: 'text',
      host_id: 'text',
      path: 'text',
      web_url: 'text',
      default_branch: 'text?',
      host_activity_at: 'bigint?',
      archived: 'flag',
      empty: 'flag',
      git_enabled: 'flag',
      pull_requests_enabled: 'flag',
      fork_of: 'text?',
      linked: 'flag',
      smart_commits: 'flag',
      missing_since: 'bigint?',
      last_activity_at: 'bigint?',
      sync_state: 'text',
      sync_mode: 'text',
      sync_requested: 'text?',
      cancel_requested: 'flag',
      sync_step: 'text?',
      sync_started_at: 'bigint?',
      sync_finished_at: 'bigint?',
      sync_retry_at: 'bigint?',
      sync_attempts: 'count',
      sync_error: 'text?',
      progress_commits: 'count',
      progress_branches: 'count',
      progress_pull_requests: 'count',
      progress_issues: 'count',
      history_complete: 'flag',
      generation: 'count',
      rules_version: 'count',
      pull_requests_since: 'bigint?',
      pull_requests_cursor: 'text?',
      webhook_state: 'text',
      webhook_reason: 'text?',
      webhook_checked_at: 'bigint?',
    },
    ['account_id', 'host_id'],
  )
}

async function branches(tables: Tables, db: AnyDatabase): Promise<void> {
  await tables.withKey('branches', ['repository_id', 'name'], {
    repository_id: 'bigint',
    name: 'text',
    head: 'text',
    head_at: 'bigint',
  })
  await tables.withKey('branch_keys', ['issue_key', 'repository_id', 'name'], {
    issue_key: 'text',
    repository_id: 'bigint',
    name: 'text',
  })
  await index(db, 'branch_keys', ['repository_id', 'name'])
  await tables.withKey('kept_heads', ['repository_id', 'number'], { repository_id: 'bigint', number: 'bigint', head: 'text' })
}

async function commits(tables: Tables, db: AnyDatabase): Promise<void> {
  await tables.withId(
    'commits',
    {
      repository_id: 'bigint',
      sha: 'text',
      message: 'text',
      author_name: 'text',
      author_email: 'text?',
      authored_at: 'bigint',
      merge: 'flag',
      generation: 'count',
    },
    ['repository_id', 'sha'],
  )
  // In this order the newest of an issue are found without reading all of them; a commit's time never changes.
  await tables.withKey('commit_keys', ['issue_key', 'authored_at', 'commit_id'], {
    issue_key: 'text',
    commit_id: 'bigint',
    authored_at: 'bigint',
  })
  await index(db, 'commit_keys', ['commit_id'])
}

async function pullRequests(tables: Tables, db: AnyDatabase): Promise<void> {
  await tables.withId(
    'pull_requests',
    {
      repository_id: 'bigint',
      number: 'bigint',
      title: 'text',
      status: 'text',
      draft: 'flag',
      source_branch: 'text',
      target_branch: 'text',
      source_host_id: 'text?',
      head_sha: 'text?',
      url: 'text',
      author_name: 'text',
      author_email: 'text?',
      reviewers: 'text',
      comment_count: 'count',
      created_at: 'bigint',
      updated_at: 'bigint',
      generation: 'count',
    },
    ['repository_id', 'number'],
  )
  await tables.withKey('pull_request_keys', ['issue_key', 'pull_request_id'], { issue_key: 'text', pull_request_id: 'bigint' })
  await index(db, 'pull_request_keys', ['pull_request_id'])
}

async function issues(tables: Tables, db: AnyDatabase): Promise<void> {
  await tables.withKey('issues', ['issue_key'], {
    issue_key: 'text',
    project_key: 'text',
    state: 'text',
    version: 'count',
    due_at: 'bigint?',
    check_at: 'bigint?',
    newest_at: 'bigint',
    attempts: 'count',
    jira_id: 'text?',
    current_key: 'text?',
    content_hash: 'text?',
    reason: 'text?',
    delivered_at: 'bigint?',
  })
  await db.schema.createIndex('issues_due').on('issues').columns(['newest_at']).where(sql.ref('due_at'), 'is not', null).execute()
  await db.schema
    .createIndex('issues_jira_id')
    .on('issues')
    .columns(['jira_id'])
    .where(sql.ref('jira_id'), 'is not', null)
    .execute()
  // A moved issue is found by its new key although no commit names that.
  await db.schema
    .createIndex('issues_current_key')
    .on('issues')
    .columns(['current_key'])
    .where(sql.ref('current_key'), 'is not', null)
    .execute()
  await index(db, 'issues', ['project_key', 'state'])
}

async function journals(tables: Tables, db: AnyDatabase): Promise<void> {
  await tables.withId('syncs', {
    repository_id: 'bigint',
    trigger: 'text',
    mode: 'text',
    started_at: 'bigint',
    finished_at: 'bigint?',
    outcome: 'text',
    error: 'text?',
    commits: 'count',
    branches: 'count',
    pull_requests: 'count',
    issues: 'count',
  })
  await index(db, 'syncs', ['repository_id', 'started_at'])
  await tables.withId(
    'webhook_deliveries',
    {
      account_id: 'text',
      delivery_id: 'text',
      event: 'text',
      received_at: 'bigint',
      body: 'text',
      headers: 'text',
      state: 'text',
      attempts: 'count',
      error: 'text?',
    },
    ['account_id', 'delivery_id'],
  )
  await tables.withId('jobs', {
    name: 'text',
    key: 'text?',
    payload: 'text',
    priority: 'count',
    run_at: 'bigint',
    attempts: 'count',
    locked_until: 'bigint?',
    locked_by: 'text?',
    last_error: 'text?',
  })
  await db.schema
    .createIndex('jobs_waiting_key')
    .on('jobs')
    .columns(['key'])
    .unique()
    .where(sql.ref('locked_until'), 'is', null)
    .execute()
  await db.schema
    .createIndex('jobs_running_key')
    .on('jobs')
    .columns(['key'])
    .unique()
    .where(sql.ref('locked_until'), 'is not', null)
    .execute()
  await index(db, 'jobs', ['name', 'priority', 'run_at'])
}

async function index(db: AnyDatabase, table: string, columns: readonly string[]): Promise<void> {
  await db.schema
    .createIndex(`${table}_${columns.join('_')}`)
    .on(table)
    .columns([...columns])
    .execute()
}
