import type { SchemaMigration } from '../schema-migration.ts'

/** Hooks that are still at the host, because it refused to remove them. */
export const leftHooks: SchemaMigration = {
  name: '0022-left-hooks',
  breaking: false,
  async up(db) {
    await db.schema
      .createTable('left_hooks')
      .addColumn('account_id', 'text', (column) => column.notNull())
      .addColumn('host_id', 'text', (column) => column.notNull())
      .addColumn('path', 'text', (column) => column.notNull())
      .addColumn('web_url', 'text', (column) => column.notNull())
      .addColumn('hook_url', 'text')
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('attempts', 'bigint', (column) => column.notNull())
      .addColumn('next_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('left_hooks_key', ['account_id', 'host_id'])
      .execute()
  },
}
