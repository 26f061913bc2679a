import { sql } from 'kysely'
import type { SchemaMigration } from '../schema-migration.ts'

/** What a delivery asks to look at, read once when it comes: many are then followed without reading their bodies again. */
export const webhookHints: SchemaMigration = {
  name: '0008-webhook-hints',
  breaking: false,
  async up(db) {
    await db.schema.alterTable('webhook_deliveries').addColumn('hint', 'text').execute()
    // For the time of an account's last delivery.
    await db.schema
      .createIndex('webhook_deliveries_account_id_received_at')
      .on('webhook_deliveries')
      .columns(['account_id', 'received_at'])
      .execute()
    await db.schema
      .createIndex('webhook_deliveries_pending')
      .on('webhook_deliveries')
      .columns(['id'])
      .where(sql.ref('state'), '=', sql.lit('pending'))
      .execute()
  },
}
