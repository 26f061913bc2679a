import type { Kysely } from 'kysely'
import type { Database } from './database.ts'

/** One step of the schema. Append-only: what was released is never edited. */
export interface SchemaMigration {
  readonly name: string
  /** Older versions of the program cannot work with the database after it. */
  readonly breaking: boolean
  up(db: Kysely<unknown>, kind: Database['kind']): Promise<void>
}
