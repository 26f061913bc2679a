import { sql } from 'kysely'
import type { SchemaMigration } from '../schema-migration.ts'

/** What tells that something was done, or was there, before: an issue by its id, a repository that was not linked or was empty. */
export const doneBefore: SchemaMigration = {
  name: '0018-done-before',
  breaking: false,
  async up(db) {
    await db.schema.alterTable('smart_commit_actions').addColumn('issue_id', 'text').execute()
    await db.schema.alterTable('trigger_runs').addColumn('issue_id', 'text').execute()
    // For the loop guard: an issue may be named by several keys.
    await db.schema.createIndex('trigger_runs_issue_id').on('trigger_runs').columns(['issue_id', 'at']).execute()
    await db.schema.alterTable('repositories').addColumn('relinked_after', 'bigint').execute()
    await db.schema
      .alterTable('repositories')
      .addColumn('arriving', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute()
    await db.schema.alterTable('repositories').addColumn('always_empty', 'bigint').execute()
    // What was imported until now may have been emptied afterwards.
    await sql`update repositories set always_empty = 0 where history_complete = 1`.execute(db)
  },
}
