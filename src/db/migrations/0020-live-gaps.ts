import type { SchemaMigration } from '../schema-migration.ts'

const RUN_COUNTS = ['builds_found', 'builds_repaired', 'deployments_found', 'deployments_repaired']

/** What webhooks may have missed, the addresses that hooks were installed with, and what the account's filter left out. */
export const liveGaps: SchemaMigration = {
  name: '0020-live-gaps',
  breaking: false,
  async up(db) {
    for (const name of RUN_COUNTS) {
      await db.schema
        .alterTable('proofs')
        .addColumn(name, 'bigint', (column) => column.notNull().defaultTo(0))
        .execute()
    }
    await db.schema.alterTable('repositories').addColumn('runs_looked_at', 'bigint').execute()
    await db.schema.alterTable('repositories').addColumn('webhook_url', 'text').execute()
    await db.schema
      .alterTable('repositories')
      .addColumn('left_out', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute()
    await db.schema.alterTable('account_webhooks').addColumn('hook_url', 'text').execute()
    await db.schema.alterTable('account_webhooks').addColumn('missed_at', 'bigint').execute()
    await db.schema.alterTable('account_webhooks').addColumn('woken_at', 'bigint').execute()
  },
}
