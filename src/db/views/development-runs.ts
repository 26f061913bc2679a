import type { EnvironmentType, JobCounts, RunState } from '../../domain/development-information.ts'
import type { Reader } from '../database.ts'
import { isAfter, visible, type DevelopmentPosition, type Scope } from './development-scope.ts'

interface StoredRunRow {
  readonly repositoryId: number
  /** Our id: breaks the tie between changes of the same time. */
  readonly id: number
  readonly hostId: string
  readonly state: RunState
  readonly url: string
  readonly updatedAt: number
  readonly finishedAt: number | null
}

export interface StoredBuildRow extends StoredRunRow {
  readonly number: number
  readonly ref: string
  /** null: not known for what it is now. */
  readonly jobs: JobCounts | null
}

export interface StoredDeploymentRow extends StoredRunRow {
  readonly environment: string
  readonly environmentType: EnvironmentType
}

export const runPosition = (row: StoredBuildRow | StoredDeploymentRow): DevelopmentPosition => [row.updatedAt, row.id]

export async function readBuilds(db: Reader, scope: Scope): Promise<StoredBuildRow[]> {
  const rows = await db
    .selectFrom('build_keys as k')
    .innerJoin('builds as b', 'b.id', 'k.build_id')
    .select(['b.id', 'b.repository_id', 'b.host_id', 'b.number', 'b.state', 'b.ref', 'b.url', 'b.updated_at', 'b.finished_at'])
    .select(['b.jobs_total', 'b.jobs_successful', 'b.jobs_failed', 'b.jobs_at'])
    .distinct()
    .where('k.issue_key', 'in', scope.keys)
    .where('b.repository_id', 'in', visible(db, scope))
    .where(isAfter(scope, ['b.updated_at', 'b.id']))
    .orderBy('b.updated_at', 'desc')
    .orderBy('b.id', 'desc')
    .limit(scope.limit)
    .execute()
  return rows.map(({ number, ref, ...row }) => ({ ...toRun(row), number, ref, jobs: toJobCounts(row) }))
}

interface JobColumns {
  readonly updated_at: number
  readonly finished_at: number | null
  readonly jobs_total: number | null
  readonly jobs_successful: number | null
  readonly jobs_failed: number | null
  readonly jobs_at: number | null
}

/** What was counted before the build ran once more says nothing of it now. */
function toJobCounts(row: JobColumns): JobCounts | null {
  if (row.finished_at === null || row.jobs_at !== row.updated_at || row.jobs_total === null) return null
  return { total: row.jobs_total, successful: row.jobs_successful ?? 0, failed: row.jobs_failed ?? 0 }
}

export async function readDeployments(db: Reader, scope: Scope): Promise<StoredDeploymentRow[]> {
  const rows = await db
    .selectFrom('deployment_keys as k')
    .innerJoin('deployments as d', 'd.id', 'k.deployment_id')
    .select(['d.id', 'd.repository_id', 'd.host_id', 'd.environment', 'd.environment_type', 'd.state', 'd.url'])
    .select(['d.updated_at', 'd.finished_at'])
    .distinct()
    .where('k.issue_key', 'in', scope.keys)
    .where('d.repository_id', 'in', visible(db, scope))
    .where(isAfter(scope, ['d.updated_at', 'd.id']))
    .orderBy('d.updated_at', 'desc')
    .orderBy('d.id', 'desc')
    .limit(scope.limit)
    .execute()
  return rows.map(({ environment, environment_type, ...row }) => ({
    ...toRun(row),
    environment,
    environmentType: environment_type,
  }))
}

interface RunColumns {
  readonly id: number
  readonly repository_id: number
  readonly host_id: string
  readonly state: RunState
  readonly url: string
  readonly updated_at: number
  readonly finished_at: number | null
}

function toRun(row: RunColumns): StoredRunRow {
  return {
    id: row.id,
    repositoryId: row.repository_id,
    hostId: row.host_id,
    state: row.state,
    url: row.url,
    updatedAt: row.updated_at,
    finishedAt: row.finished_at,
  }
}

/** What waits counts as in progress; what was cancelled, or is of a state not known, is in the lists only. */
export async function countBuilds(db: Reader, scope: Scope): Promise<{ successful: number; failed: number; inProgress: number }> {
  const rows = await db
    .selectFrom('build_keys as k')
    .innerJoin('builds as b', 'b.id', 'k.build_id')
    .select((e) => ['b.state', e.fn.count<number>('b.id').distinct().as('n')])
    .where('k.issue_key', 'in', scope.keys)
    .where('b.repository_id', 'in', visible(db, scope))
    .groupBy('b.state')
    .execute()
  const count = (state: RunState) => Number(rows.find((row) => row.state === state)?.n ?? 0)
  return { successful: count('SUCCESSFUL'), failed: count('FAILED'), inProgress: count('IN_PROGRESS') + count('PENDING') }
}

/** Names of the environments to which the issue was brought successfully, the last one first. */
export async function listDeployedEnvironments(db: Reader, scope: Scope): Promise<string[]> {
  const rows = await db
    .selectFrom('deployment_keys as k')
    .innerJoin('deployments as d', 'd.id', 'k.deployment_id')
    .select((e) => ['d.environment', e.fn.max('d.updated_at').as('at')])
    .where('k.issue_key', 'in', scope.keys)
    .where('d.state', '=', 'SUCCESSFUL')
    .where('d.repository_id', 'in', visible(db, scope))
    .groupBy('d.environment')
    .orderBy('at', 'desc')
    .orderBy('d.environment')
    .execute()
  return rows.map(({ environment }) => environment)
}
