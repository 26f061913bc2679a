import { sql } from 'kysely'
import type { EnvironmentType } from '../../domain/development-information.ts'
import type { IssueKey, RepositoryId, Sha } from '../../domain/ids.ts'
import type { Reader, Tx } from '../database.ts'
import { insertRows } from '../insert-rows.ts'
import { jsonRows } from '../json-rows.ts'
import { saveRuns, sweepRuns, type KeyedRun, type RunBatch, type RunTable, type SavedRun } from './run-rows.ts'

const DEPLOYMENTS: RunTable = { name: 'deployments', keys: 'deployment_keys', parent: 'deployment_id' }

export interface KeyedDeployment extends KeyedRun {
  readonly environment: string
  readonly environmentType: EnvironmentType
}

/** Stores deployments that name issues; see `saveRuns`. */
export function saveDeployments(tx: Tx, batch: RunBatch<KeyedDeployment>): Promise<readonly SavedRun<KeyedDeployment>[]> {
  return saveRuns(tx, batch, {
    ...DEPLOYMENTS,
    own: ({ environment, environmentType }) => ({ environment, environment_type: environmentType }),
  })
}

/** See `sweepRuns`; what was remembered of environments without a listed deployment goes as well. */
export async function sweepDeployments(
  tx: Tx,
  repositoryId: RepositoryId,
  sweep: { generation: number; limit: number; dueAt: number | null },
): Promise<number> {
  await tx
    .deleteFrom('environment_deployments')
    .where('repository_id', '=', Number(repositoryId))
    .where('generation', '<', sweep.generation)
    .execute()
  return sweepRuns(tx, DEPLOYMENTS, { repositoryId, ...sweep })
}

/** A successful deployment, whether it names an issue or not. */
export interface EnvironmentDeployment {
  /** The host's id. */
  readonly environmentId: string
  readonly environmentType: EnvironmentType
  readonly number: number
  readonly sha: Sha
}

/** Of each environment, so that the table does not grow with every deployment: what follows one is read soon after it. */
const MOST_PER_ENVIRONMENT = 100

/** Remembers deployments; of those of an environment that this generation met the newest stay. */
export async function saveEnvironmentDeployments(
  tx: Tx,
  repositoryId: RepositoryId,
  { deployments, generation }: { deployments: readonly EnvironmentDeployment[]; generation: number },
): Promise<void> {
  await insertRows(tx, {
    table: 'environment_deployments',
    columns: {
      repository_id: 'bigint',
      environment_id: 'text',
      number: 'bigint',
      environment_type: 'text',
      sha: 'text',
      generation: 'bigint',
    },
    values: deployments.flatMap(({ environmentId, number, environmentType, sha }) => [
      Number(repositoryId),
      environmentId,
      number,
      environmentType,
      sha,
      generation,
    ]),
    onConflict:
      'on conflict (repository_id, environment_id, number) do update set environment_type = excluded.environment_type, sha = excluded.sha, generation = excluded.generation',
  })
  for (const environmentId of new Set(deployments.map((deployment) => deployment.environmentId))) {
    const met = { repositoryId: Number(repositoryId), environmentId, generation }
    await sql`
      delete from environment_deployments
      where repository_id = ${met.repositoryId} and environment_id = ${environmentId} and generation = ${generation}
        and number <= (${newest(met)} limit 1 offset ${MOST_PER_ENVIRONMENT})
    `.execute(tx)
  }
}

interface MetEnvironment {
  readonly repositoryId: number
  readonly environmentId: string
  readonly generation: number
}

const newest = ({ repositoryId, environmentId, generation }: MetEnvironment) => sql`
  select number from environment_deployments
  where repository_id = ${repositoryId} and environment_id = ${environmentId} and generation = ${generation}
  order by number desc`

/** Whether so many later ones are remembered that what the environment held before this deployment may be forgotten. */
export async function isDeployedBeforeForgotten(
  db: Reader,
  repositoryId: RepositoryId,
  { environmentId, number, generation }: Pick<EnvironmentDeployment, 'environmentId' | 'number'> & { generation: number },
): Promise<boolean> {
  const met = { repositoryId: Number(repositoryId), environmentId, generation }
  const { rows } = await sql<{ number: number }>`${newest(met)} limit 1 offset ${MOST_PER_ENVIRONMENT - 1}`.execute(db)
  return rows.some((row) => row.number > number)
}

/** The keys of a stored deployment, by the host's id; empty when it is not stored. */
export async function listDeploymentKeys(db: Reader, repositoryId: RepositoryId, id: string): Promise<IssueKey[]> {
  const rows = await db
    .selectFrom('deployments as d')
    .innerJoin('deployment_keys as k', 'k.deployment_id', 'd.id')
    .select('k.issue_key')
    .where('d.repository_id', '=', Number(repositoryId))
    .where('d.host_id', '=', id)
    .execute()
  return rows.map((row) => row.issue_key as IssueKey)
}

/** What the environment held before this deployment; null: not known. */
export async function findDeployedBefore(
  db: Reader,
  repositoryId: RepositoryId,
  { environmentId, number }: Pick<EnvironmentDeployment, 'environmentId' | 'number'>,
): Promise<Pick<EnvironmentDeployment, 'number' | 'sha'> | null> {
  const row = await db
    .selectFrom('environment_deployments')
    .select(['number', 'sha'])
    .where('repository_id', '=', Number(repositoryId))
    .where('environment_id', '=', environmentId)
    .where('number', '<', number)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : { number: row.number, sha: row.sha as Sha }
}

/** Types of those of these environments that were met so far, by the host's id. */
export async function findEnvironmentTypes(
  db: Reader,
  repositoryId: RepositoryId,
  environmentIds: readonly string[],
): Promise<Map<string, EnvironmentType>> {
  const ids = environmentIds.map((id) => ({ id }))
  const { rows } = await sql<{ environment_id: string; environment_type: EnvironmentType }>`
    select e.environment_id, e.environment_type
    from ${jsonRows(db, { id: 'text' }, ids)} as r
    join environment_deployments e on e.repository_id = ${Number(repositoryId)} and e.environment_id = r.id
    where e.number = (
      select max(number) from environment_deployments where repository_id = ${Number(repositoryId)} and environment_id = r.id
    )
  `.execute(db)
  return new Map(rows.map((row) => [row.environment_id, row.environment_type]))
}
