import { sql } from 'kysely'
import type { IssueKey, RepositoryId, Sha } from '../../domain/ids.ts'
import type { RunState } from '../../domain/development-information.ts'
import type { Reader, Tx } from '../database.ts'
import { insertRows } from '../insert-rows.ts'
import { jsonRows } from '../json-rows.ts'
import type { RowValue } from '../packed-rows.ts'
import { markIssuesDirty, type DirtyIssue } from './issues.ts'

/** Builds and deployments are stored alike: by the host's id, with keys in a table of their own. */
export interface RunTable {
  readonly name: 'builds' | 'deployments'
  readonly keys: 'build_keys' | 'deployment_keys'
  readonly parent: 'build_id' | 'deployment_id'
}

/** What both have, ready to be stored. */
export interface KeyedRun {
  /** The host's id of it. */
  readonly id: string
  readonly number: number
  readonly state: RunState
  readonly sha: Sha
  readonly url: string
  readonly createdAt: Date
  readonly updatedAt: Date
  /** null: not finished. */
  readonly finishedAt: Date | null
  /** Empty: it names no issue and is deleted if it is stored. */
  readonly keys: readonly IssueKey[]
}

export interface RunBatch<Run extends KeyedRun> {
  readonly repositoryId: RepositoryId
  readonly generation: number
  readonly runs: readonly Run[]
  readonly dueAt: number
}

export interface SavedRun<Run extends KeyedRun> {
  readonly run: Run
  /** null: it was not stored. */
  readonly stateBefore: RunState | null
}

/**
 * Stores them as the host tells them now and marks the issues that they name, or named before. The host's own update
 * time decides, not the order of arrival: an answer that overtook a newer one changes nothing; nor does one that tells
 * what is stored already.
 *
 * @param own the columns that only this table has
 * @returns those that name issues and changed
 */
export async function saveRuns<Run extends KeyedRun>(
  tx: Tx,
  batch: RunBatch<Run>,
  { own, ...table }: RunTable & { readonly own: (run: Run) => Readonly<Record<string, string>> },
): Promise<readonly SavedRun<Run>[]> {
  const stored = await listStored(tx, table, batch)
  const known = batch.runs.filter((run) => isKnown(run, stored.get(run.id)))
  const changed = batch.runs.filter((run) => !known.includes(run))
  await renew(tx, table, { ids: idsOf(known, stored), generation: batch.generation })
  const before = idsOf(changed, stored)
  const dirty = await deleteKeys(tx, table, before)
  const named = changed.filter(({ keys }) => keys.length > 0)
  const unnamed = changed.filter(({ keys }) => keys.length === 0)
  await deleteRows(tx, table, idsOf(unnamed, stored))
  const rows = named.map((run) => ({ ...toColumns(run, batch), ...own(run) }))
  await upsert(tx, table, rows)
  await insertKeys(tx, table, { ...batch, runs: named })
  await markIssuesDirty(tx, [...dirty, ...named.flatMap(toDirtyIssues)], batch.dueAt, batch.repositoryId)
  return named.map((run) => ({ run, stateBefore: stored.get(run.id)?.state ?? null }))
}

/** Deletes up to `limit` of those that a complete listing did not meet; returns how many, 0 when none is left. */
export async function sweepRuns(
  tx: Tx,
  table: RunTable,
  sweep: { repositoryId: RepositoryId; generation: number; limit: number; dueAt: number | null },
): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    select id from ${sql.table(table.name)}
    where repository_id = ${Number(sweep.repositoryId)} and generation < ${sweep.generation} limit ${sweep.limit}
  `.execute(tx)
  const ids = rows.map(({ id }) => id)
  await markIssuesDirty(tx, await deleteKeys(tx, table, ids), sweep.dueAt, sweep.repositoryId)
  await deleteRows(tx, table, ids)
  return ids.length
}

/** Update time of the oldest one stored; null: none is. */
export async function findOldestRun(db: Reader, name: RunTable['name'], repositoryId: RepositoryId): Promise<number | null> {
  const row = await db
    .selectFrom(name)
    .select((e) => e.fn.min<number | null>('updated_at').as('at'))
    .where('repository_id', '=', Number(repositoryId))
    .executeTakeFirst()
  return row?.at ?? null
}

interface StoredRun {
  readonly id: number
  readonly state: RunState
  readonly updatedAt: number
  readonly keys: ReadonlySet<string>
}

async function listStored(tx: Tx, table: RunTable, batch: RunBatch<KeyedRun>): Promise<Map<string, StoredRun>> {
  const hostIds = batch.runs.map(({ id }) => ({ h: id }))
  const { rows } = await sql<{ id: number; host_id: string; state: RunState; updated_at: number; issue_key: string | null }>`
    select t.id, t.host_id, t.state, t.updated_at, k.issue_key
    from ${sql.table(table.name)} t left join ${sql.table(table.keys)} k on k.${sql.ref(table.parent)} = t.id
    where t.repository_id = ${Number(batch.repositoryId)}
      and t.host_id in (select r.h from ${jsonRows(tx, { h: 'text' }, hostIds)} as r)
  `.execute(tx)
  return new Map(
    [...Map.groupBy(rows, ({ host_id }) => host_id)].flatMap(([hostId, own]) =>
      own.slice(0, 1).map(({ id, state, updated_at }) => {
        const keys = new Set(own.flatMap(({ issue_key }) => (issue_key === null ? [] : [issue_key])))
        return [hostId, { id, state, updatedAt: updated_at, keys }] as const
      }),
    ),
  )
}

/** Newer or the same is stored. */
function isKnown(run: KeyedRun, stored: StoredRun | undefined): boolean {
  if (stored === undefined) return false
  if (stored.updatedAt !== run.updatedAt.getTime()) return stored.updatedAt > run.updatedAt.getTime()
  return stored.state === run.state && stored.keys.symmetricDifference(new Set(run.keys)).size === 0
}

const idsOf = (runs: readonly KeyedRun[], stored: ReadonlyMap<string, StoredRun>): number[] =>
  runs.flatMap(({ id }) => stored.get(id)?.id ?? [])

function toColumns(run: KeyedRun, { repositoryId, generation }: RunBatch<KeyedRun>) {
  return {
    repository_id: Number(repositoryId),
    host_id: run.id,
    number: run.number,
    state: run.state,
    sha: run.sha,
    url: run.url,
    created_at: run.createdAt.getTime(),
    updated_at: run.updatedAt.getTime(),
    finished_at: run.finishedAt?.getTime() ?? null,
    generation,
  }
}

const TEXTS = ['host_id', 'state', 'sha', 'url', 'ref', 'environment', 'environment_type']

async function upsert(tx: Tx, { name }: RunTable, rows: readonly Readonly<Record<string, RowValue>>[]): Promise<void> {
  const [first] = rows
  if (first === undefined) return
  const columns = Object.keys(first)
  const changes = columns.filter((column) => column !== 'repository_id' && column !== 'host_id')
  await insertRows(tx, {
    table: name,
    columns: Object.fromEntries(columns.map((column) => [column, TEXTS.includes(column) ? 'text' : 'bigint'])),
    values: rows.flatMap((row) => columns.map((column) => row[column] ?? null)),
    onConflict: `on conflict (repository_id, host_id) do update set ${changes.map((column) => `${column} = excluded.${column}`).join(', ')}`,
  })
}

async function insertKeys(tx: Tx, table: RunTable, batch: RunBatch<KeyedRun>): Promise<void> {
  const stored = await listStored(tx, table, batch)
  await insertRows(tx, {
    table: table.keys,
    columns: { issue_key: 'text', [table.parent]: 'bigint' },
    values: batch.runs.flatMap((run) => idsOf([run], stored).flatMap((id) => run.keys.flatMap((key) => [key, id]))),
    onConflict: `on conflict (issue_key, ${table.parent}) do nothing`,
  })
}

async function renew(
  tx: Tx,
  { name }: RunTable,
  { ids, generation }: { ids: readonly number[]; generation: number },
): Promise<void> {
  if (ids.length === 0) return
  await sql`
    update ${sql.table(name)} set generation = ${generation}
    where generation < ${generation} and id in (select r.i from ${jsonRows(tx, { i: 'bigint' }, toIdRows(ids))} as r)
  `.execute(tx)
}

async function deleteRows(tx: Tx, { name }: RunTable, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return
  await sql`
    delete from ${sql.table(name)} where id in (select r.i from ${jsonRows(tx, { i: 'bigint' }, toIdRows(ids))} as r)
  `.execute(tx)
}

/** Returns the issues that were named, with the time of what named them. */
async function deleteKeys(tx: Tx, table: RunTable, ids: readonly number[]): Promise<DirtyIssue[]> {
  if (ids.length === 0) return []
  const parent = sql.ref(table.parent)
  const { rows } = await sql<{ issue_key: string; updated_at: number }>`
    delete from ${sql.table(table.keys)} where ${parent} in (select r.i from ${jsonRows(tx, { i: 'bigint' }, toIdRows(ids))} as r)
    returning issue_key, (select t.updated_at from ${sql.table(table.name)} t where t.id = ${parent}) as updated_at
  `.execute(tx)
  return rows.map((row) => ({ key: row.issue_key as IssueKey, at: row.updated_at }))
}

const toIdRows = (ids: readonly number[]) => ids.map((id) => ({ i: id }))

function toDirtyIssues({ keys, updatedAt }: KeyedRun): DirtyIssue[] {
  return keys.map((key) => ({ key, at: updatedAt.getTime() }))
}
