import type { HostToken } from '../../domain/host-token.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { HttpClient } from '../../lib/http-client.ts'
import type { HostOwner, HostRepository } from '../types.ts'
import type { GitLabClient } from './client.ts'
import type { GitLabAddresses } from './config.ts'
import { readAdvertisement, toGitRemote } from './git-access.ts'
import { listRepositories } from './repositories.ts'

export interface GitCheck {
  readonly client: GitLabClient
  readonly addresses: GitLabAddresses
  readonly token: HostToken
  readonly http: HttpClient
  readonly signal: AbortSignal
}

/** Reads the advertisement of one repository, as git would; throws when the token does not open it. */
export async function checkGit(check: GitCheck, owner: HostOwner | null): Promise<string> {
  const repository = await findSample(check, owner)
  if (repository === null) return 'There is no repository yet to try Git with.'
  const remote = toGitRemote(check.addresses.git, repository, await check.token.get(check.signal))
  const url = new URL(`${remote.url}/info/refs?service=git-upload-pack`)
  const headers = { authorization: remote.authorization ?? '', 'git-protocol': 'version=2', accept: '*/*' }
  const answer = await check.http.send({ method: 'GET', url, headers, signal: check.signal, maxBytes: 64 * 1024 * 1024 })
  const where = `Git at ${url.origin}${url.pathname}`
  if (answer.status !== 200) throw toGitRefused(where, answer.status)
  switch (readAdvertisement(answer.headers['content-type'] ?? '', answer.body)) {
    case 'filters':
      return `${where} works, with partial clones.`
    case 'no-filters':
      return `${where} works, but offers no partial clones: full copies are fetched, or the API is used.`
    case 'old-protocol':
      return `${where} works, but only with an old protocol: full copies are fetched, or the API is used.`
    case 'not-git':
      throw toGitRefused(where, answer.status)
  }
}

/** A repository of the first page that has commits. */
async function findSample({ client, addresses, signal }: GitCheck, owner: HostOwner | null): Promise<HostRepository | null> {
  if (owner === null) return null
  for await (const page of listRepositories({ client, base: addresses.base }, owner, signal)) {
    return page.find(({ gitEnabled, empty }) => gitEnabled && !empty) ?? null
  }
  return null
}

function toGitRefused(where: string, status: number): ConnectorError {
  const refused = status === 401 || status === 403
  const remedy = refused
    ? 'Create a token that also has the scope read_repository, and see that its owner has the role Reporter.'
    : 'Check the address for Git (gitUrl), and that Git over HTTP is enabled in GitLab.'
  return new ConnectorError(refused ? 'scope-missing' : 'unexpected-answer', {
    userMessage: `${where} was answered with ${status}.`,
    remedy,
  })
}
