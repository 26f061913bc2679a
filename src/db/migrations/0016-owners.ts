import type { SchemaMigration } from '../schema-migration.ts'

/** What the owner's path of an account led to when it was looked up. */
export const owners: SchemaMigration = {
  name: '0016-owners',
  breaking: false,
  async up(db) {
    for (const column of ['owner_kind', 'owner_host_id', 'owner_path', 'owner_looked_up'])
      await db.schema.alterTable('accounts').addColumn(column, 'text').execute()
  },
}
