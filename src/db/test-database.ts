import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabaseUrl } from '../../test/postgres.ts'
import { silentLogger } from '../lib/logger.ts'
import type { Database } from './database.ts'
import type { SchemaMigration } from './schema-migration.ts'
import { openPostgres } from './postgres.ts'
import { openSqlite } from './sqlite.ts'

export const KINDS = ['sqlite', 'postgres'] as const

/** A place for an empty database that can be opened several times. */
export interface TestPlace {
  /** @param migrations default: the program's own */
  open(migrations?: readonly SchemaMigration[]): Database
  /** Closes what was opened and removes it. */
  remove(): Promise<void>
}

export async function createTestPlace(kind: Database['kind']): Promise<TestPlace> {
  const opened: Database[] = []
  const folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-db-'))
  const url = kind === 'postgres' ? await createTestDatabaseUrl() : ''
  return {
    open(migrations) {
      const more = migrations === undefined ? {} : { migrations }
      const db =
        kind === 'sqlite' ? openSqlite(join(folder, 'test.sqlite'), more) : openPostgres(url, { log: silentLogger, ...more })
      opened.push(db)
      return db
    },
    async remove() {
      for (const db of opened) await db.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
