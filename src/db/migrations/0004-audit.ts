import { sql, type Kysely } from 'kysely'
import type { Database } from '../database.ts'
import type { SchemaMigration } from '../schema-migration.ts'

/** Who asked for what, what it cost, and what Jira was written. An older program ignores all of it. */
export const audit: SchemaMigration = {
  name: '0004-audit',
  breaking: false,
  async up(db, kind) {
    await db.schema.alterTable('syncs').addColumn('asked_by', 'text').execute()
    await db.schema.alterTable('syncs').addColumn('steps', 'text').execute()
    await db.schema
      .alterTable('syncs')
      .addColumn('requests', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute()
    await db.schema.alterTable('repositories').addColumn('sync_requested_by', 'text').execute()
    await db.schema.alterTable('commits').addColumn('sync_id', 'bigint').execute()
    await db.schema.alterTable('issues').addColumn('changed_by_sync', 'bigint').execute()
    await db.schema.alterTable('webhook_deliveries').addColumn('repository_id', 'bigint').execute()
    await db.schema.alterTable('webhook_deliveries').addColumn('processed_at', 'bigint').execute()
    // The few that went wrong are looked for among millions; the others cost nothing more to store.
    await db.schema
      .createIndex('webhook_deliveries_wrong')
      .on('webhook_deliveries')
      .columns(['id'])
      .where(sql.ref('state'), 'in', sql`('failed', 'dead')`)
      .execute()
    await jiraWrites(db, kind)
  },
}

async function jiraWrites(db: Kysely<unknown>, kind: Database['kind']): Promise<void> {
  const table = db.schema
    .createTable('jira_writes')
    .addColumn('issue_key', 'text', (column) => column.notNull())
    .addColumn('jira_id', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('written_at', 'bigint', (column) => column.notNull())
    .addColumn('ms', 'bigint', (column) => column.notNull())
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('status', 'bigint')
    .addColumn('error', 'text')
    .addColumn('bytes', 'bigint')
    .addColumn('content_hash', 'text')
    .addColumn('sync_id', 'bigint')
  await (
    kind === 'postgres'
      ? table.addColumn('id', 'bigint', (column) => column.generatedByDefaultAsIdentity().primaryKey())
      : table.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
  ).execute()
  await db.schema.createIndex('jira_writes_issue_key_id').on('jira_writes').columns(['issue_key', 'id']).execute()
  await db.schema
    .createIndex('jira_writes_wrong')
    .on('jira_writes')
    .columns(['id'])
    .where(sql.ref('outcome'), '=', sql`'failed'`)
    .execute()
}
