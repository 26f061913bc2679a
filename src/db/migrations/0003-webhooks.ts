import { sql } from 'kysely'
import type { SchemaMigration } from '../schema-migration.ts'

/** Secrets of webhooks that rotate, the one hook of an account, and which hooks have signed. */
export const webhooks: SchemaMigration = {
  name: '0003-webhooks',
  breaking: false,
  async up(db) {
    await db.schema
      .createTable('account_webhooks')
      .addColumn('account_id', 'text', (column) => column.notNull().primaryKey())
      .addColumn('secret_generation', 'bigint', (column) => column.notNull().defaultTo(1))
      .addColumn('previous_secret_sealed', 'text')
      .addColumn('previous_until', 'bigint')
      .addColumn('rotation_began_at', 'bigint')
      .addColumn('hook_level', 'text')
      .addColumn('hook_owner', 'text')
      .addColumn('hook_state', 'text')
      .addColumn('hook_reason', 'text')
      .addColumn('hook_generation', 'bigint')
      .addColumn('hook_checked_at', 'bigint')
      .execute()
    await db.schema
      .createTable('webhook_signers')
      .addColumn('account_id', 'text', (column) => column.notNull())
      .addColumn('source', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('webhook_signers_key', ['account_id', 'source'])
      .execute()
    await db.schema.alterTable('repositories').addColumn('webhook_generation', 'bigint').execute()
    // Hooks that were installed before carry the account's first secret.
    await sql`update repositories set webhook_generation = 1 where webhook_state in ('live', 'broken')`.execute(db)
  },
}
