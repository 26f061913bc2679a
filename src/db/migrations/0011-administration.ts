import { sql } from 'kysely'
import type { SchemaMigration } from '../schema-migration.ts'

/** What administrators see of accounts, deletions that go on after a restart, and what statistics are counted by. */
export const administration: SchemaMigration = {
  name: '0011-administration',
  breaking: false,
  async up(db) {
    for (const column of ['configured_by', 'token_user', 'deletion']) {
      await db.schema.alterTable('accounts').addColumn(column, 'text').execute()
    }
    await db.schema
      .createIndex('commits_repository_id_authored_at')
      .on('commits')
      .columns(['repository_id', 'authored_at'])
      .execute()
    await db.schema
      .createIndex('pull_requests_repository_id_created_at')
      .on('pull_requests')
      .columns(['repository_id', 'created_at'])
      .execute()
    await db.schema.createIndex('webhook_deliveries_received_at').on('webhook_deliveries').columns(['received_at']).execute()
    await db.schema.createIndex('syncs_started_at').on('syncs').columns(['started_at']).execute()
    await db.schema
      .createIndex('jira_writes_sync_id')
      .on('jira_writes')
      .columns(['sync_id', 'written_at'])
      .where(sql.ref('sync_id'), 'is not', null)
      .execute()
  },
}
