import type { EnvironmentType } from '../../domain/development-information.ts'
import type { RepositoryId, Sha } from '../../domain/ids.ts'
import type { Reader, Tx } from '../database.ts'
import { insertRows } from '../insert-rows.ts'
import { saveRuns, sweepRuns, type KeyedRun, type RunBatch, type RunTable } from './run-rows.ts'

const DEPLOYMENTS: RunTable = { name: 'deployments', keys: 'deployment_keys', parent: 'deployment_id' }

export interface KeyedDeployment extends KeyedRun {
  readonly environment: string
  readonly environmentType: EnvironmentType
}

/** Stores deployments that name issues; see `saveRuns`. */
export function saveDeployments(tx: Tx, batch: RunBatch<KeyedDeployment>): Promise<void> {
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

/** Types of the environments met so far, by the host's id. */
export async function listEnvironmentTypes(db: Reader, repositoryId: RepositoryId): Promise<Map<string, EnvironmentType>> {
  const rows = await db
    .selectFrom('environment_deployments')
    .select(['environment_id', 'environment_type'])
    .distinct()
    .where('repository_id', '=', Number(repositoryId))
    .execute()
  return new Map(rows.map((row) => [row.environment_id, row.environment_type]))
}
