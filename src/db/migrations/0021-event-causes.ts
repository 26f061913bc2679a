import type { SchemaMigration } from '../schema-migration.ts'

/** Which synchronisation met an event, so that what a rule writes to Jira leads back to it. */
export const eventCauses: SchemaMigration = {
  name: '0021-event-causes',
  breaking: false,
  async up(db) {
    await db.schema.alterTable('development_events').addColumn('sync_id', 'bigint').execute()
  },
}
