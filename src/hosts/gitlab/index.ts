import type { HostConnection, HostWebhooks } from '../types.ts'
import { listBuilds, listBuildsOf } from './builds.ts'
import { checkConnection } from './check.ts'
import { createGitLabClient } from './client.ts'
import { parseAddresses, parseOwnerPath, type GitLabSettings } from './config.ts'
import { listDeployments } from './deployments.ts'
import { toGitRemote, toPullRequestRef } from './git-access.ts'
import { listBranches, listCommits } from './history.ts'
import { installHook, removeHook, type HookInstaller } from './hook-installation.ts'
import { gitLabLinks } from './links.ts'
import { getOwner } from './owner.ts'
import { listPullRequests } from './pull-requests.ts'
import { findRepository, findRepositorySize, listRepositories } from './repositories.ts'
import { createTokenSource } from './token-source.ts'
import { createVerify, findDeliveryId, parseWebhook, withoutVariables } from './webhook.ts'

export type { GitLabSettings } from './config.ts'

/** Connects to one account of a GitLab 13.0 or later; throws `address-invalid` for an address that cannot be used. */
export function createGitLabConnection(settings: GitLabSettings): HostConnection {
  const { http, clock, webhookAdminToken } = settings
  const addresses = parseAddresses(settings)
  const ownerPath = parseOwnerPath(settings.owner, addresses.base)
  const token = createTokenSource(settings.token)
  const client = createGitLabClient({ api: addresses.api, token: () => token.get(), http, clock })
  const adminClient =
    webhookAdminToken === null ? null : createGitLabClient({ api: addresses.api, token: () => webhookAdminToken, http, clock })
  const list = { client, base: addresses.base }

  return {
    kind: 'gitlab',
    check: (signal) =>
      checkConnection({ client, adminClient, addresses, ownerPath, token: () => token.get(), http, clock, signal }),
    getOwner: (signal) => getOwner(client, ownerPath, signal),
    listRepositories: (owner, signal) => listRepositories(list, owner, signal),
    findRepository: (id, signal) => findRepository(list, id, signal),
    listPullRequests: (query) => listPullRequests(client, query, clock),
    listBuilds: (query) => listBuilds(client, query),
    listBuildsOf: (repository, commit, signal) => listBuildsOf(client, { repository, commit }, signal),
    listDeployments: (query) => listDeployments(client, query),
    listBranches: (repository, signal) => listBranches(client, repository, signal),
    listCommits: (repository, range, signal) => listCommits(client, { repository, ...range }, signal),
    findRepositorySize: (repository, signal) => findRepositorySize(client, repository.hostId, signal),
    gitRemote: (repository) => toGitRemote(addresses.git, repository, token.latest()),
    pullRequestRef: toPullRequestRef,
    links: gitLabLinks,
    webhooks: createWebhooks({ client: adminClient ?? client, separate: adminClient !== null, log: settings.log }, settings),
  }
}

function createWebhooks(installer: HookInstaller, { clock }: Pick<GitLabSettings, 'clock'>): HostWebhooks {
  return {
    install: (repository, hook, signal) => installHook(installer, hook, { repository, signal }),
    remove: (repository, { url }, signal) => removeHook(installer, url, { repository, signal }),
    verify: createVerify(clock),
    deliveryId: findDeliveryId,
    withoutSecrets: withoutVariables,
    parse: parseWebhook,
  }
}

export { gitLabLinks }
