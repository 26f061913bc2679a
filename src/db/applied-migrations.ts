import type { Kysely } from 'kysely'
import type { Reader } from './database.ts'

/** Names of the steps of the schema that were applied, in their order; none: the database is new. */
export async function listAppliedMigrations(db: Reader): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(({ name }) => name === 'kysely_migration')) return []
  const rows = await (db as unknown as Kysely<{ kysely_migration: { name: string } }>)
    .selectFrom('kysely_migration')
    .select('name')
    .orderBy('name')
    .execute()
  return rows.map(({ name }) => name)
}
