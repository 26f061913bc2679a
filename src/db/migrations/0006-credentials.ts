import type { SchemaMigration } from '../schema-migration.ts'

/** OAuth credentials, sign-ins under way, and what hosts told about the expiry of tokens. */
export const credentials: SchemaMigration = {
  name: '0006-credentials',
  breaking: false,
  async up(db) {
    await db.schema
      .createTable('oauth_credentials')
      .addColumn('account_id', 'text', (column) => column.primaryKey())
      .addColumn('client_id', 'text', (column) => column.notNull())
      .addColumn('client_secret_sealed', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('pair_sealed', 'text')
      .addColumn('previous_pair_sealed', 'text')
      .addColumn('expires_at', 'bigint')
      .addColumn('version', 'bigint', (column) => column.notNull().defaultTo(0))
      .addColumn('lease_holder', 'text')
      .addColumn('lease_until', 'bigint')
      .addColumn('retry_at', 'bigint')
      .addColumn('refreshed_at', 'bigint')
      .execute()
    await db.schema
      .createTable('oauth_sign_ins')
      .addColumn('state_hash', 'text', (column) => column.primaryKey())
      .addColumn('account_id', 'text', (column) => column.notNull())
      .addColumn('client_id', 'text', (column) => column.notNull())
      .addColumn('redirect_uri', 'text', (column) => column.notNull())
      .addColumn('verifier_sealed', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('token_expiries')
      .addColumn('account_id', 'text', (column) => column.notNull())
      .addColumn('credential', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'bigint')
      .addColumn('warned_days', 'bigint')
      .addColumn('looked_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('token_expiries_key', ['account_id', 'credential'])
      .execute()
  },
}
