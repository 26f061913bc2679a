import { fixedToken, type HostToken } from '../../domain/host-token.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { HostConnection, HostWebhooks } from '../types.ts'
import { findLastBuildUpdate, listBuilds, listBuildsOf } from './builds.ts'
import { checkConnection } from './check.ts'
import { createGitLabClient } from './client.ts'
import { commentOnCommit, commentOnPullRequest } from './comments.ts'
import { verifyCommit } from './commit-signature.ts'
import { getCommitFiles } from './commit-files.ts'
import { parseAddresses, parseOwnerPath, type GitLabSettings } from './config.ts'
import { findLastDeploymentUpdate, listDeployments } from './deployments.ts'
import { toGitRemote, toPullRequestRef } from './git-access.ts'
import { findCommit, listBranches, listCommits } from './history.ts'
import { findHookObstacle, installHook, removeHook, type HookInstaller } from './hook-installation.ts'
import { countJobs } from './jobs.ts'
import { gitLabLinks } from './links.ts'
import { getOwner } from './owner.ts'
import { findLastPullRequestUpdate, findPullRequest, listPullRequests } from './pull-requests.ts'
import { countRepositories, findRepository, findRepositorySize, listRepositories } from './repositories.ts'
import { listOpenPullRequestsOf, listSquashedInto } from './requests-of-commit.ts'
import { findUser, readTokenExpiries } from './token-check.ts'
import { createVerify, isSigningToken } from './webhook.ts'
import { findDeliveryId, findSource, parseWebhook, withoutVariables } from './webhook-event.ts'

export type { GitLabSettings } from './config.ts'

/** Connects to one account of a GitLab 13.0 or later; throws `address-invalid` for an address that cannot be used. */
export function createGitLabConnection(settings: GitLabSettings): HostConnection {
  const { http, clock, token, webhookAdminToken } = settings
  const addresses = parseAddresses(settings)
  const ownerPath = parseOwnerPath(settings.owner, addresses.base)
  const client = createGitLabClient({ api: addresses.api, token, http, clock })
  const adminClient =
    webhookAdminToken === null
      ? null
      : createGitLabClient({ api: addresses.api, token: fixedToken(webhookAdminToken), http, clock })
  const list = { client, base: addresses.base }

  return {
    kind: 'gitlab',
    check: (known, signal) =>
      checkConnection({ client, adminClient, addresses, owner: { path: ownerPath, known }, token, http, clock, signal }),
    getOwner: (known, signal) => getOwner(client, { path: ownerPath, known }, signal),
    listRepositories: (owner, signal) => listRepositories(list, owner, signal),
    countRepositories: (owner, signal) => countRepositories(client, owner, signal),
    findRepository: (id, signal) => findRepository(list, id, signal),
    listPullRequests: (query) => listPullRequests(client, query, clock),
    findLastPullRequestUpdate: (repository, signal) => findLastPullRequestUpdate(client, repository, signal),
    listBuilds: (query) => listBuilds(client, query),
    listBuildsOf: (repository, commit, signal) => listBuildsOf(client, { repository, commit }, signal),
    countJobs: (repository, build, signal) => countJobs(client, { repository, build }, signal),
    findLastBuildUpdate: (repository, signal) => findLastBuildUpdate(client, repository, signal),
    listDeployments: (query) => listDeployments(client, query),
    findLastDeploymentUpdate: (repository, signal) => findLastDeploymentUpdate(client, repository, signal),
    listBranches: (repository, signal) => listBranches(client, repository, signal),
    listCommits: (repository, range, signal) => listCommits(client, { repository, ...range }, signal),
    findCommit: (repository, commit, signal) => findCommit(client, { repository, commit }, signal),
    findPullRequest: (repository, number, signal) => findPullRequest(client, { repository, number, clock }, signal),
    getCommitFiles: (repository, range, signal) => getCommitFiles(client, { repository, ...range }, signal),
    verifyCommit: (repository, commit, signal) => verifyCommit(client, { repository, commit }, signal),
    commentOnCommit: (repository, { commit, text }, signal) => commentOnCommit(client, { repository, commit, text }, signal),
    listOpenPullRequestsOf: (repository, commit, signal) => listOpenPullRequestsOf(client, { repository, commit }, signal),
    listSquashedInto: (repository, commit, signal) => listSquashedInto(client, { repository, commit }, signal),
    commentOnPullRequest: (repository, comment, signal) => commentOnPullRequest(client, { repository, ...comment }, signal),
    requestsLeft: () => client.requestsLeft(),
    findRepositorySize: (repository, signal) => findRepositorySize(client, repository.hostId, signal),
    withGitRemote: createWithGitRemote(token, addresses.git),
    pullRequestRef: toPullRequestRef,
    readTokenExpiries: (signal) => readTokenExpiries({ client, adminClient }, signal),
    clockSkewMs: () => client.clockSkewMs(),
    rateLimit: () => client.rateLimit(),
    findUser: (signal) => findUser(client, signal),
    links: gitLabLinks,
    webhooks: createWebhooks({ client: adminClient ?? client, separate: adminClient !== null }, { clock, ownerPath }),
  }
}

function createWithGitRemote(token: HostToken, git: URL): HostConnection['withGitRemote'] {
  return async (repository, use, signal) => {
    const value = await token.get(signal)
    try {
      return await use(toGitRemote(git, repository, value))
    } catch (error) {
      if (!isConnectorError(error, 'credentials-refused')) throw error
      const renewed = await token.renew(value, signal)
      if (renewed === null) throw error
      return use(toGitRemote(git, repository, renewed))
    }
  }
}

function createWebhooks(
  installer: HookInstaller,
  { clock, ownerPath }: Pick<GitLabSettings, 'clock'> & { readonly ownerPath: string | null },
): HostWebhooks {
  return {
    install: (place, hook, signal) => installHook(installer, hook, { place, signal, rewrite: true }),
    watch: (place, hook, signal) => installHook(installer, hook, { place, signal, rewrite: false }),
    findObstacle: (place, signal) => findHookObstacle(installer, { place, signal }),
    remove: (place, hook, signal) => removeHook(installer, hook, { place, signal }),
    verify: createVerify(clock),
    canSign: isSigningToken,
    deliveryId: findDeliveryId,
    source: findSource,
    withoutSecrets: withoutVariables,
    parse: (headers, body, today) => parseWebhook(headers, body, today ?? ownerPath),
  }
}

export { createGitLabOAuth } from './oauth.ts'
export { gitLabLinks }
