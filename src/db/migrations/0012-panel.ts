import { sql } from 'kysely'
import type { SchemaMigration } from '../schema-migration.ts'

/** Files of commits, links made by hand, and what asks for both. */
export const panel: SchemaMigration = {
  name: '0012-panel',
  breaking: false,
  async up(db, kind) {
    const links = db.schema
      .createTable('manual_links')
      .addColumn('issue_key', 'text', (column) => column.notNull())
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('repository_id', 'bigint', (column) => column.notNull())
      .addColumn('entity', 'text', (column) => column.notNull())
      .addColumn('who', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addUniqueConstraint('manual_links_unique', ['issue_key', 'kind', 'repository_id', 'entity'])
    await (
      kind === 'postgres'
        ? links.addColumn('id', 'bigint', (column) => column.generatedByDefaultAsIdentity().primaryKey())
        : links.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    ).execute()
    await db.schema.createIndex('manual_links_entity').on('manual_links').columns(['repository_id', 'kind', 'entity']).execute()
    await db.schema
      .createTable('commit_files')
      .addColumn('commit_id', 'bigint', (column) => column.primaryKey())
      .addColumn('account_id', 'text', (column) => column.notNull())
      .addColumn('file_count', 'bigint')
      .addColumn('exact', 'bigint', (column) => column.notNull().defaultTo(1))
      .addColumn('files', 'text', (column) => column.notNull())
      .addColumn('loaded_at', 'bigint', (column) => column.notNull())
      .execute()
    // For what an account loaded within the last hour.
    await db.schema.createIndex('commit_files_loaded').on('commit_files').columns(['account_id', 'loaded_at']).execute()
    await db.schema.alterTable('issues').addColumn('refreshed_at', 'bigint').execute()
    await db.schema
      .alterTable('issues')
      .addColumn('files_version', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute()
    // The queue of issues whose commits are to get their files.
    await db.schema
      .createIndex('issues_without_files')
      .on('issues')
      .columns(['newest_at'])
      .where(sql<boolean>`jira_id is not null and files_version < version`)
      .execute()
  },
}
