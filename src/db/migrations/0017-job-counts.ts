import { sql } from 'kysely'
import type { SchemaMigration } from '../schema-migration.ts'

/** How many jobs a build had, and for which of its changes they were counted. */
export const jobCounts: SchemaMigration = {
  name: '0017-job-counts',
  breaking: false,
  async up(db) {
    for (const column of ['jobs_total', 'jobs_successful', 'jobs_failed', 'jobs_at'])
      await db.schema.alterTable('builds').addColumn(column, 'bigint').execute()
    // What is to be counted; see `listUncountedBuilds`.
    await db.schema
      .createIndex('builds_uncounted')
      .on('builds')
      .columns(['repository_id', 'updated_at'])
      .where(sql<boolean>`finished_at is not null and (jobs_at is null or jobs_at < updated_at)`)
      .execute()
  },
}
