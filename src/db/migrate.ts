import type { Kysely } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import { ConnectorError } from '../lib/connector-error.ts'
import { listAppliedMigrations } from './applied-migrations.ts'
import type { Database } from './database.ts'
import { foundation } from './migrations/0001-foundation.ts'
import { builds } from './migrations/0002-builds.ts'
import { webhooks } from './migrations/0003-webhooks.ts'
import { audit } from './migrations/0004-audit.ts'
import { reconciliation } from './migrations/0005-reconciliation.ts'
import { credentials } from './migrations/0006-credentials.ts'
import { webhookHints } from './migrations/0008-webhook-hints.ts'
import { marks } from './migrations/0009-marks.ts'
import { identity } from './migrations/0010-identity.ts'
import { administration } from './migrations/0011-administration.ts'
import { panel } from './migrations/0012-panel.ts'
import { webhookRepository } from './migrations/0013-webhook-repository.ts'
import { smartCommits } from './migrations/0014-smart-commits.ts'
import { triggers } from './migrations/0015-triggers.ts'
import { owners } from './migrations/0016-owners.ts'
import { jobCounts } from './migrations/0017-job-counts.ts'
import { doneBefore } from './migrations/0018-done-before.ts'
import { commandsOnce } from './migrations/0019-commands-once.ts'
import { liveGaps } from './migrations/0020-live-gaps.ts'
import { eventCauses } from './migrations/0021-event-causes.ts'
import { leftHooks } from './migrations/0022-left-hooks.ts'
import { authorKeys } from './migrations/0023-author-keys.ts'
import { webhookPayloads } from './migrations/0024-webhook-payloads.ts'
import { mergeCommits } from './migrations/0025-merge-commits.ts'
import { payloadCompression } from './migrations/0026-payload-compression.ts'
import type { SchemaMigration } from './schema-migration.ts'
import type { Schema } from './schema.ts'

/** Every step of the schema that this program knows, in order. */
export const MIGRATIONS: readonly SchemaMigration[] = [
  foundation,
  builds,
  webhooks,
  audit,
  reconciliation,
  credentials,
  webhookHints,
  marks,
  identity,
  administration,
  panel,
  webhookRepository,
  smartCommits,
  triggers,
  owners,
  jobCounts,
  doneBefore,
  commandsOnce,
  liveGaps,
  eventCauses,
  leftHooks,
  authorKeys,
  webhookPayloads,
  mergeCommits,
  payloadCompression,
]
/** Setting that remembers, for older programs, the names of the breaking migrations applied. */
const BREAKING_SETTING = 'schema.breaking'

/**
 * Brings the schema up to date.
 *
 * @param writer the connection that may change the schema
 * @throws ConnectorError `database-too-new` when a newer program changed the schema in a way this one cannot read,
 *   `migration-failed` when a step failed (it was rolled back)
 */
export async function migrate(writer: Kysely<Schema>, kind: Database['kind'], migrations = MIGRATIONS): Promise<void> {
  const known = new Set(migrations.map(({ name }) => name))
  const applied = await listAppliedMigrations(writer)
  const unknown = applied.filter((name) => !known.has(name))
  if (unknown.length > 0) {
    await refuseBreaking(writer, unknown)
    // A newer, compatible schema: there is nothing that we could add to it.
    return
  }
  const provided = Object.fromEntries(migrations.map((migration) => [migration.name, toKyselyMigration(migration, kind)]))
  const migrator = new Migrator({ db: writer, provider: { getMigrations: () => Promise.resolve(provided) } })
  const { error, results } = await migrator.migrateToLatest()
  if (error !== undefined) {
    const failed = results?.find(({ status }) => status === 'Error')?.migrationName ?? 'the schema'
    throw new ConnectorError('migration-failed', {
      userMessage: `The database could not be upgraded: ${failed} failed and was undone.`,
      remedy: 'Check free disk space and the rights of the database user, then start again. The data is unchanged.',
      cause: error,
    })
  }
}

function toKyselyMigration(migration: SchemaMigration, kind: Database['kind']): Migration {
  return {
    async up(db) {
      await migration.up(db, kind)
      if (migration.breaking) await rememberBreaking(db as Kysely<Schema>, migration.name)
    },
  }
}

async function rememberBreaking(db: Kysely<Schema>, name: string): Promise<void> {
  const value = JSON.stringify([...(await breakingMigrations(db)), name])
  await db
    .insertInto('settings')
    .values({ key: BREAKING_SETTING, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}

async function refuseBreaking(db: Kysely<Schema>, unknown: readonly string[]): Promise<void> {
  const breaking = new Set(await breakingMigrations(db))
  const reasons = unknown.filter((name) => breaking.has(name))
  if (reasons.length === 0) return
  throw new ConnectorError('database-too-new', {
    userMessage: `The database was upgraded by a newer version of the connector (${reasons.join(', ')}), which this one cannot read.`,
    remedy: 'Start that newer version, or restore the backup made before the upgrade.',
  })
}

async function breakingMigrations(db: Kysely<Schema>): Promise<string[]> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', BREAKING_SETTING).executeTakeFirst()
  return row === undefined ? [] : (JSON.parse(row.value) as string[])
}
