import { sql } from 'kysely'
import type { SchemaMigration } from '../schema-migration.ts'

/** The webhooks of one repository, newest first. */
export const webhookRepository: SchemaMigration = {
  name: '0013-webhook-repository',
  breaking: false,
  async up(db) {
    await db.schema
      .createIndex('webhook_deliveries_repository_id_id')
      .on('webhook_deliveries')
      .columns(['repository_id', 'id'])
      .where(sql.ref('repository_id'), 'is not', null)
      .execute()
  },
}
