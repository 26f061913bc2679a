import type { EnvironmentType } from '../../domain/development-information.ts'
import type { DeploymentQuery, HostDeployment, HostRepositoryRef } from '../types.ts'
import { findNewest, isSwitchedOff, walkChanges } from './changes.ts'
import type { GitLabClient } from './client.ts'
import { listPages, PER_PAGE } from './paging.ts'
import { toDeployment, toEnvironmentType } from './run-map.ts'
import { deploymentSchema, environmentSchema, type DeploymentJson } from './schema.ts'

/** Above, one request for a hundred environments is cheaper than one for each. */
const MOST_SINGLE_QUESTIONS = 3

/** Deployments by update time; yields nothing when the feature is switched off. */
export async function* listDeployments(
  client: GitLabClient,
  query: DeploymentQuery,
): AsyncGenerator<readonly HostDeployment[], void, void> {
  const { repository, updatedSince, signal } = query
  const findTypes = createTypeReader(client, query)
  const changes = walkChanges(client, {
    repository,
    since: updatedSince,
    signal,
    item: deploymentSchema,
    idOf: ({ id }) => id,
    address: (since) =>
      client.address(`projects/${repository.hostId}/deployments`, {
        order_by: 'updated_at',
        sort: 'asc',
        updated_after: since?.toISOString() ?? null,
        per_page: PER_PAGE,
      }),
    feature: { noun: 'deployments', level: 'environments_access_level' },
  })
  for await (const deployments of changes) {
    const types = await findTypes(deployments.map(({ environment }) => environment))
    yield deployments.map((deployment) =>
      toDeployment(deployment, { repository, environmentType: types.get(deployment.environment.id) ?? 'unmapped' }),
    )
  }
}

export function findLastDeploymentUpdate(
  client: GitLabClient,
  { hostId }: HostRepositoryRef,
  signal: AbortSignal,
): Promise<Date | null> {
  return findNewest(client, { list: `projects/${hostId}/deployments`, item: deploymentSchema, signal })
}

type EnvironmentRef = DeploymentJson['environment']

/**
 * Reads the tiers, which deployments do not carry: of single environments, or of all once a page names many unknown
 * ones. An environment that is gone meanwhile gets what its name says.
 */
function createTypeReader(client: GitLabClient, { repository, signal, findEnvironmentTypes }: DeploymentQuery) {
  const types = new Map<number, EnvironmentType>()
  const base = `projects/${repository.hostId}/environments`

  const readAll = async () => {
    for await (const { items } of listPages(client, client.address(base, { per_page: PER_PAGE }), {
      item: environmentSchema,
      signal,
    }))
      for (const environment of items) types.set(environment.id, toEnvironmentType(environment))
  }
  const readOne = async ({ id }: EnvironmentRef) => {
    const environment = await client.get(client.address(`${base}/${id}`), environmentSchema, signal)
    types.set(id, toEnvironmentType(environment))
  }
  return async (environments: readonly EnvironmentRef[]): Promise<ReadonlyMap<number, EnvironmentType>> => {
    const notRead = new Set(environments.map(({ id }) => id).filter((id) => !types.has(id)))
    if (notRead.size === 0) return types
    for (const [id, type] of await findEnvironmentTypes([...notRead].map(String))) types.set(Number(id), type)
    const unknown = new Map(environments.filter(({ id }) => !types.has(id)).map((one) => [one.id, one]))
    if (unknown.size > MOST_SINGLE_QUESTIONS) await unlessSwitchedOff(readAll)
    else for (const one of unknown.values()) await unlessSwitchedOff(() => readOne(one))
    for (const { id, name } of unknown.values()) if (!types.has(id)) types.set(id, toEnvironmentType({ name, tier: null }))
    return types
  }
}

async function unlessSwitchedOff(read: () => Promise<void>): Promise<void> {
  try {
    await read()
  } catch (error) {
    if (!isSwitchedOff(error)) throw error
  }
}
