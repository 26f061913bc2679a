import { z } from 'zod'
import type { JiraTransport } from './jira-transport.ts'

/** A repository as Jira's built-in DVCS connector knows it. */
export interface BuiltInRepository {
  /** Of its account. */
  readonly organizationId: number | null
  /** `bitbucket`, `github`, `githube`, and for GitLab whatever this version calls it. */
  readonly kind: string
  /** Name of the account at its host, or of a group below it. */
  readonly owner: string
  readonly url: string | null
  readonly linked: boolean
  readonly smartCommits: boolean
}

const repositoriesSchema = z.object({
  repositories: z.array(
    z.object({
      organizationId: z.number().nullish(),
      dvcsType: z.string().default('unknown'),
      owner: z.string().nullish(),
      repositoryUrl: z.string().nullish(),
      linked: z.boolean().default(false),
      deleted: z.boolean().default(false),
      smartcommitsEnabled: z.boolean().default(false),
    }),
  ),
})

/**
 * Every repository of every account of the built-in connector: `GET /rest/bitbucket/1.0/repositories/`, for Jira
 * administrators, without pages (public source of the connector, 2015).
 *
 * @throws ConnectorError `jira-permission-missing`, `jira-issue-not-found` when the connector is not there, or what else
 *   the client's calls reject with
 */
export async function listBuiltInRepositories(transport: JiraTransport, signal: AbortSignal): Promise<BuiltInRepository[]> {
  const call = {
    path: 'rest/bitbucket/1.0/repositories/',
    what: 'asking the built-in DVCS connector',
    issue: 'of the built-in DVCS connector',
    signal,
  }
  const { repositories } = await transport.get(call, repositoriesSchema)
  return repositories
    .filter(({ deleted }) => !deleted)
    .map(({ organizationId, dvcsType, owner, repositoryUrl, linked, smartcommitsEnabled }) => ({
      organizationId: organizationId ?? null,
      kind: dvcsType,
      owner: owner ?? '',
      url: repositoryUrl ?? null,
      linked,
      smartCommits: smartcommitsEnabled,
    }))
}
