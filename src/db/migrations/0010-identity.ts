import { sql, type CreateTableBuilder, type Kysely } from 'kysely'
import type { Database } from '../database.ts'
import type { SchemaMigration } from '../schema-migration.ts'

/** Who may use the connector: users, sessions, API tokens, the set-up link, and the journal of what administrators changed. */
export const identity: SchemaMigration = {
  name: '0010-identity',
  breaking: false,
  async up(db, kind) {
    await users(db, kind)
    await sessions(db, kind)
    await apiTokens(db, kind)
    await withId(
      kind,
      db.schema
        .createTable('admin_log')
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('actor_kind', 'text', (column) => column.notNull())
        .addColumn('actor_name', 'text')
        .addColumn('action', 'text', (column) => column.notNull())
        .addColumn('target', 'text')
        .addColumn('details', 'text', (column) => column.notNull()),
    ).execute()
    await db.schema
      .createTable('setup_codes')
      .addColumn('code_hash', 'text', (column) => column.primaryKey())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .execute()
  },
}

async function users(db: Kysely<unknown>, kind: Database['kind']): Promise<void> {
  await withId(
    kind,
    db.schema
      .createTable('users')
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('name_key', 'text', (column) => column.notNull())
      .addColumn('display_name', 'text', (column) => column.notNull())
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('password_hash', 'text')
      .addColumn('jira_user_key', 'text')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('disabled', 'bigint', (column) => column.notNull().defaultTo(0)),
  ).execute()
  // Names of Jira are Jira's: they may be those of local users, and move from one person to another.
  await db.schema
    .createIndex('users_local_name_key')
    .on('users')
    .columns(['name_key'])
    .unique()
    .where(sql.ref('source'), '=', sql.lit('local'))
    .execute()
  await db.schema.createIndex('users_jira_user_key').on('users').columns(['jira_user_key']).unique().execute()
}

async function sessions(db: Kysely<unknown>, kind: Database['kind']): Promise<void> {
  await withId(
    kind,
    db.schema
      .createTable('sessions')
      .addColumn('id_hash', 'text', (column) => column.notNull().unique())
      .addColumn('user_id', 'bigint', (column) => column.notNull())
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('last_seen_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addColumn('user_agent', 'text'),
  ).execute()
  await db.schema.createIndex('sessions_user_id').on('sessions').columns(['user_id']).execute()
}

async function apiTokens(db: Kysely<unknown>, kind: Database['kind']): Promise<void> {
  await withId(
    kind,
    db.schema
      .createTable('api_tokens')
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('scope', 'text', (column) => column.notNull())
      .addColumn('value_hash', 'text', (column) => column.notNull().unique())
      .addColumn('prefix', 'text', (column) => column.notNull())
      .addColumn('created_by', 'text')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('last_used_at', 'bigint')
      .addColumn('expires_at', 'bigint')
      .addColumn('revoked', 'bigint', (column) => column.notNull().defaultTo(0)),
  ).execute()
}

/** Numbers that are never given twice, as both databases make them. */
function withId<T extends string, C extends string>(kind: Database['kind'], table: CreateTableBuilder<T, C>) {
  return kind === 'sqlite'
    ? table.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    : table.addColumn('id', 'bigint', (column) => column.primaryKey().generatedByDefaultAsIdentity())
}
