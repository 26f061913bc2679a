import type { Kysely } from 'kysely'
import type { Reader } from '../database.ts'
import { MIGRATIONS } from '../migrate.ts'

/** Whether every step of the schema that this program needs was applied. Rejects when the database cannot be read. */
export async function isSchemaCurrent(db: Reader): Promise<boolean> {
  const migrations = db as unknown as Kysely<{ kysely_migration: { name: string } }>
  const rows = await migrations.selectFrom('kysely_migration').select('name').execute()
  const applied = new Set(rows.map(({ name }) => name))
  return MIGRATIONS.every(({ name }) => applied.has(name))
}

/** Rejects when the database does not answer. */
export async function pingDatabase(db: Reader): Promise<void> {
  await db.selectFrom('settings').select('key').limit(1).execute()
}
