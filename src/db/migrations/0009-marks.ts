import { sql } from 'kysely'
import type { SchemaMigration } from '../schema-migration.ts'

/** What is still to be asked of a host outlives the run that found it out. */
export const marks: SchemaMigration = {
  name: '0009-marks',
  breaking: false,
  async up(db, kind) {
    const heads = db.schema
      .createTable('build_heads')
      .addColumn('repository_id', 'bigint', (column) => column.notNull())
      .addColumn('head_sha', 'text', (column) => column.notNull())
      .addColumn('changed_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('build_heads_key', ['repository_id', 'head_sha'])
    await (kind === 'sqlite' ? heads.modifyEnd(sql`without rowid`) : heads).execute()
    // Counted whenever metrics are read: most issues are clean.
    await db.schema
      .createIndex('issues_not_clean')
      .on('issues')
      .columns(['state'])
      .where(sql.ref('state'), '<>', sql.lit('clean'))
      .execute()
  },
}
