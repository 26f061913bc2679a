import { sql } from 'kysely'
import type { SchemaMigration } from '../schema-migration.ts'

/**
 * Payloads in a table of their own: a change of a row of SQLite writes all of it again, so that following a webhook wrote its
 * 10 KiB a second time, and those who sent the next ones waited for it.
 */
export const webhookPayloads: SchemaMigration = {
  name: '0024-webhook-payloads',
  breaking: true,
  async up(db, kind) {
    await db.schema
      .createTable('webhook_payloads')
      // As the key of a table, SQLite finds rows by "integer" alone without a further index.
      .addColumn('webhook_id', kind === 'postgres' ? 'bigint' : 'integer', (column) => column.primaryKey())
      .addColumn('body', 'text', (column) => column.notNull())
      .execute()
    await sql`insert into webhook_payloads (webhook_id, body) select id, body from webhook_deliveries where body <> ''`.execute(
      db,
    )
    await db.schema.alterTable('webhook_deliveries').dropColumn('body').execute()
  },
}
