import type { SchemaMigration } from '../schema-migration.ts'

/** In whose name a command was executed, by the key that stays when a user of Jira is renamed. */
export const authorKeys: SchemaMigration = {
  name: '0023-author-keys',
  breaking: false,
  async up(db) {
    await db.schema.alterTable('smart_commit_actions').addColumn('user_key', 'text').execute()
    await db.schema
      .createIndex('smart_commit_actions_user_key')
      .on('smart_commit_actions')
      .columns(['user_key', 'smart_commit_id'])
      .execute()
  },
}
