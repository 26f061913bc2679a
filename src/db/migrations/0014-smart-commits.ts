import { sql, type CreateTableBuilder, type Kysely } from 'kysely'
import type { Database } from '../database.ts'
import type { SchemaMigration } from '../schema-migration.ts'

/** Smart commits with what became of them, and who their authors are. */
export const smartCommits: SchemaMigration = {
  name: '0014-smart-commits',
  breaking: false,
  async up(db, kind) {
    await commits(db, kind)
    await actions(db, kind)
    await db.schema
      .createTable('smart_commit_fingerprints')
      .addColumn('fingerprint', 'text', (column) => column.primaryKey())
      .addColumn('repository_id', 'bigint', (column) => column.notNull())
      .addColumn('sha', 'text', (column) => column.notNull())
      .addColumn('claimed_at', 'bigint', (column) => column.notNull())
      .execute()
    await people(db)
    await db.schema.alterTable('repositories').addColumn('history_sync_id', 'bigint').execute()
    await db.schema
      .alterTable('accounts')
      .addColumn('smart_commit_trust', 'text', (column) => column.notNull().defaultTo('author'))
      .execute()
    await db.schema
      .alterTable('accounts')
      .addColumn('smart_commit_replies', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute()
  },
}

async function commits(db: Kysely<unknown>, kind: Database['kind']): Promise<void> {
  await withId(
    kind,
    db.schema
      .createTable('smart_commits')
      .addColumn('repository_id', 'bigint', (column) => column.notNull())
      .addColumn('sha', 'text', (column) => column.notNull())
      .addColumn('author_name', 'text', (column) => column.notNull())
      .addColumn('author_email', 'text')
      .addColumn('authored_at', 'bigint', (column) => column.notNull())
      .addColumn('offset_minutes', 'bigint', (column) => column.notNull())
      .addColumn('lines', 'text', (column) => column.notNull())
      .addColumn('fingerprint', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('problem', 'text')
      .addColumn('sync_id', 'bigint')
      .addColumn('recorded_at', 'bigint', (column) => column.notNull())
      .addColumn('executed_at', 'bigint')
      .addColumn('asked_by', 'text')
      .addColumn('reply_state', 'text')
      .addColumn('reply_problem', 'text')
      .addUniqueConstraint('smart_commits_unique', ['repository_id', 'sha']),
  ).execute()
  // The queue of each repository.
  await db.schema
    .createIndex('smart_commits_waiting')
    .on('smart_commits')
    .columns(['repository_id', 'id'])
    .where(sql<boolean>`state in ('found', 'executing')`)
    .execute()
  // The replies of each repository that are to be posted.
  await db.schema
    .createIndex('smart_commits_replies')
    .on('smart_commits')
    .columns(['repository_id', 'id'])
    .where(sql<boolean>`reply_state in ('waiting', 'posting')`)
    .execute()
  // What is told of late in the row of a repository.
  await db.schema
    .createIndex('smart_commits_failed')
    .on('smart_commits')
    .columns(['repository_id', 'executed_at'])
    .where(sql<boolean>`state = 'failed'`)
    .execute()
  await db.schema.createIndex('smart_commits_repository_id_id').on('smart_commits').columns(['repository_id', 'id']).execute()
  await db.schema.createIndex('smart_commits_author_email').on('smart_commits').columns(['author_email', 'id']).execute()
  await db.schema.createIndex('smart_commits_sha').on('smart_commits').columns(['sha']).execute()
}

async function actions(db: Kysely<unknown>, kind: Database['kind']): Promise<void> {
  await withId(
    kind,
    db.schema
      .createTable('smart_commit_actions')
      .addColumn('smart_commit_id', 'bigint', (column) => column.notNull())
      .addColumn('position', 'bigint', (column) => column.notNull())
      .addColumn('issue_key', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('argument', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('attempts', 'bigint', (column) => column.notNull().defaultTo(0))
      .addColumn('summary', 'text')
      .addColumn('problem', 'text')
      .addColumn('jira_id', 'text')
      .addColumn('actor', 'text')
      .addColumn('user_name', 'text')
      .addColumn('started_at', 'bigint')
      .addColumn('ended_at', 'bigint')
      .addUniqueConstraint('smart_commit_actions_unique', ['smart_commit_id', 'position']),
  ).execute()
  await db.schema
    .createIndex('smart_commit_actions_issue_key')
    .on('smart_commit_actions')
    .columns(['issue_key', 'smart_commit_id'])
    .execute()
  await db.schema
    .createIndex('smart_commit_actions_user_name')
    .on('smart_commit_actions')
    .columns(['user_name', 'smart_commit_id'])
    .execute()
}

async function people(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('smart_commit_aliases')
    .addColumn('email', 'text', (column) => column.primaryKey())
    .addColumn('user_name', 'text', (column) => column.notNull())
    .addColumn('user_key', 'text')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('asked_by', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('confirmed_by', 'text')
    .addColumn('confirmed_at', 'bigint')
    .execute()
  await db.schema
    .createTable('smart_commit_tokens')
    .addColumn('user_key', 'text', (column) => column.primaryKey())
    .addColumn('user_name', 'text', (column) => column.notNull())
    .addColumn('token_sealed', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('problem', 'text')
    .execute()
  await db.schema.createIndex('smart_commit_tokens_user_name').on('smart_commit_tokens').columns(['user_name']).execute()
}

function withId<T extends string, C extends string>(kind: Database['kind'], table: CreateTableBuilder<T, C>) {
  return kind === 'sqlite'
    ? table.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    : table.addColumn('id', 'bigint', (column) => column.primaryKey().generatedByDefaultAsIdentity())
}
