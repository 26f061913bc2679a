import type { SchemaMigration } from '../schema-migration.ts'

/** Which smart commits are merge commits: whether these are executed is a setting, looked at when it is their turn. */
export const mergeCommits: SchemaMigration = {
  name: '0025-merge-commits',
  breaking: false,
  async up(db) {
    await db.schema
      .alterTable('smart_commits')
      // What was recorded before is executed as it would have been.
      .addColumn('merge', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute()
  },
}
