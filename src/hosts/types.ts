import type { ResolvedOwner } from '../domain/account.ts'
import type { DevelopmentFile, EnvironmentType, JobCounts, RunState } from '../domain/development-information.ts'
import type { GitRemote } from '../domain/git-remote.ts'
import type { HostToken } from '../domain/host-token.ts'
import type { HostId, Sha } from '../domain/ids.ts'
import type { Person, PullRequestStatus, Reviewer } from '../domain/pull-request.ts'
import type { TokenExpiry } from '../domain/token-expiry.ts'
import type { WebhookHint } from '../domain/webhook-hint.ts'
import type { RateWindow } from '../lib/rate-budget.ts'

/** The port every Git host adapter implements. Adding a host means one more folder beside `gitlab/`. */
export type HostKind = 'gitlab'

/** A repository as the host tells it. Absent features are told apart from failures. */
export interface HostRepository {
  readonly hostId: HostId
  /** Full path with namespaces, such as `acme/platform/shop`: an attribute that changes. */
  readonly path: string
  readonly webUrl: string
  readonly defaultBranch: string | null
  /** The host's activity stamp; GitLab moves it at most once an hour. null: not told. */
  readonly lastActivityAt: Date | null
  readonly archived: boolean
  /** The repository has no commit yet. */
  readonly empty: boolean
  /** False when the Git repository is switched off or not readable by the token: its history is "none". */
  readonly gitEnabled: boolean
  /** False when pull requests are switched off: they are "none". */
  readonly pullRequestsEnabled: boolean
  readonly forkOf: HostId | null
  /** The host is still copying its history from elsewhere, or failed to: that it is empty says nothing. */
  readonly arriving: boolean
  /** The host has scheduled it for deletion. */
  readonly deletionScheduled: boolean
}

export interface HostPullRequest {
  /** Number within the repository (GitLab: iid). */
  readonly number: number
  readonly title: string
  readonly description: string
  readonly status: PullRequestStatus
  readonly draft: boolean
  readonly sourceBranch: string
  readonly targetBranch: string
  /** Another repository than the target's for a fork; null when that fork is gone. */
  readonly sourceRepository: HostId | null
  readonly headSha: Sha | null
  /** The commit on the target branch that brought it in; null when not merged or merged by fast-forward. */
  readonly mergeCommitSha: Sha | null
  readonly url: string
  readonly author: Person
  readonly reviewers: readonly Reviewer[]
  readonly commentCount: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** GitLab: a pipeline. */
export interface HostBuild {
  /** The host's id of it, as text. */
  readonly id: string
  /** What people count by within the repository (GitLab: iid). */
  readonly number: number
  readonly state: RunState
  /** Branch or tag; the host's own name of a pull request's ref where `pullRequest` is told. */
  readonly ref: string
  /** Number of the pull request that it ran for, where the host says so by its ref. */
  readonly pullRequest: number | null
  /** May be a commit that only the host made, such as the result of a merge that was tried. */
  readonly sha: Sha
  readonly url: string
  readonly createdAt: Date
  readonly updatedAt: Date
  /** null: not finished. */
  readonly finishedAt: Date | null
}

export interface HostDeployment extends HostBuild {
  readonly environment: string
  /** The host's id of the environment, whose name may change. */
  readonly environmentId: string
  readonly environmentType: EnvironmentType
}

export interface BuildQuery {
  readonly repository: HostRepositoryRef
  /** Only those updated at or after this time. Ordered by update time, oldest first. */
  readonly updatedSince: Date
  readonly signal: AbortSignal
}

export interface DeploymentQuery extends BuildQuery {
  /** Types that need not be asked for, of those of these environments that are known, by the host's id. */
  readonly findEnvironmentTypes: (environmentIds: readonly string[]) => Promise<ReadonlyMap<string, EnvironmentType>>
}

export interface HostBranch {
  readonly name: string
  readonly head: Sha
  readonly headCommittedAt: Date
}

export interface HostCommit {
  readonly sha: Sha
  readonly parentCount: number
  readonly message: string
  readonly author: Person
  readonly authoredAt: Date
  /** What the author's clock was ahead of UTC. */
  readonly authorOffsetMinutes: number
  readonly committedAt: Date
}

/** One of a pull request. */
export type SquashedCommit = Pick<HostCommit, 'sha' | 'message' | 'author' | 'authoredAt'>

/** A file that a commit changes against its first parent; lines are null where the host does not tell them. */
export type HostCommitFile = DevelopmentFile

export interface HostCommitFiles {
  readonly files: readonly HostCommitFile[]
  /** Of all, also those left out of `files`. */
  readonly count: number
  /** False: there are more than `count`. */
  readonly exact: boolean
}

/** Whether the host vouches for who made a commit. */
export type CommitVerification =
  /** The key is that of a user who owns this address, which is the committer's. */
  { readonly verified: true; readonly email: string } | { readonly verified: false; readonly reason: 'unsigned' | 'not-verified' }

/** One step of a connection test, in the order tried. */
export interface ConnectionStep {
  readonly name: 'dns' | 'tls' | 'reachable' | 'token' | 'scope' | 'role' | 'owner' | 'clock' | 'git' | 'version'
  readonly ok: boolean
  /** What was found, for people. */
  readonly message: string
  /** What to do when `ok` is false. */
  readonly remedy: string | null
}

export interface HostOwner {
  readonly kind: 'group' | 'user' | 'all'
  /** null for `all`. */
  readonly hostId: HostId | null
  /** Its full path of today; of `all` a name for texts. */
  readonly name: string
}

export interface PullRequestQuery {
  readonly repository: HostRepositoryRef
  /** Only those updated at or after this time; null: all. Ordered by update time, oldest first. */
  readonly updatedSince: Date | null
  readonly signal: AbortSignal
}

/** Enough to address a repository and to build its links. */
export interface HostRepositoryRef {
  readonly hostId: HostId
  readonly path: string
  readonly webUrl: string
}

/** What a connection is made of; tokens are secrets. */
export interface HostConnectionSettings {
  readonly url: string
  /** Other address for Git; null: the same. */
  readonly gitUrl: string | null
  /** null: everything that the token reads. */
  readonly owner: string | null
  readonly token: HostToken
  /** null: `token` manages webhooks. */
  readonly webhookAdminToken: string | null
}

/** The adapters that there are; see `registry.ts`. */
export interface HostRegistry {
  connect(kind: HostKind, settings: HostConnectionSettings): HostConnection
  /** The sign-in by an OAuth application; throws `address-invalid`. */
  oauth(kind: HostKind, application: HostOAuthApplication): HostOAuth
  /** Addresses at a host of this kind; need no credentials. */
  links(kind: HostKind): HostLinks
}

/** An OAuth application that an administrator registered at the host; the secret is one. */
export interface HostOAuthApplication {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
}

/** Both are secrets. */
export interface HostTokenPair {
  readonly accessToken: string
  /** null: the host gave none, so nothing can be renewed. */
  readonly refreshToken: string | null
  /** null: the host told no end. */
  readonly expiresAt: Date | null
}

/**
 * The sign-in by OAuth: authorization code with PKCE (RFC 6749, RFC 7636). Requests throw `grant-refused` (the code or
 * the refresh token is worth nothing), `oauth-client-refused`, `sign-in-denied`, `sign-in-failed`, `scope-missing`,
 * `host-unavailable`, `rate-limited`, `unexpected-answer`, or one of the HTTP client's.
 */
export interface HostOAuth {
  /** Where the browser is sent. */
  authorizationUrl(request: { redirectUri: string; state: string; codeChallenge: string }): URL
  /** @param signIn the parameters with which the browser came back, and what they belong to */
  exchangeCode(
    signIn: { answer: URLSearchParams; state: string; redirectUri: string; codeVerifier: string },
    signal: AbortSignal,
  ): Promise<HostTokenPair>
  /** Sent once, never repeated: a host may end the old pair with the first request that reaches it. */
  refresh(refreshToken: string, signal: AbortSignal): Promise<HostTokenPair>
}

/**
 * A connection to one account at a Git host. Lists are async iterables of pages: ending normally means that the list
 * is complete, every failure throws a `ConnectorError` (`credentials-refused`, `permission-missing`, `scope-missing`,
 * `not-found`, `list-refused` when the repository has what is listed and this account may not see it, `rate-limited` with `retryAt`, `host-unavailable`, `unexpected-answer`, or one of the HTTP client's).
 */
export interface HostConnection {
  readonly kind: HostKind
  /**
   * Tests the connection step by step; never throws for a failing step, it reports it and stops there.
   *
   * @param known as of `getOwner`
   */
  check(known: ResolvedOwner | null, signal: AbortSignal): Promise<readonly ConnectionStep[]>
  /**
   * The owner as it is today. Where its numeric id is known it is asked for by that, in one request: its path may have
   * changed, and be another's by now. Throws `owner-gone` when that id is not there any more, or hidden.
   *
   * @param known what the configured path led to before; null: nothing, the path is looked up
   */
  getOwner(known: ResolvedOwner | null, signal: AbortSignal): Promise<HostOwner>
  /** Every repository of the owner, at most 100 a request. */
  listRepositories(owner: HostOwner, signal: AbortSignal): AsyncIterable<readonly HostRepository[]>
  /** How many there are, in one request; null: the host does not tell. */
  countRepositories(owner: HostOwner, signal: AbortSignal): Promise<number | null>
  /** One repository; null when it is gone or hidden. */
  findRepository(hostId: HostId, signal: AbortSignal): Promise<HostRepository | null>
  /** Pull requests by update time, oldest first; yields no page when the feature is switched off. */
  listPullRequests(query: PullRequestQuery): AsyncIterable<readonly HostPullRequest[]>
  /** Update time of the pull request that was changed last, in one request; null: there is none, or the feature is off. */
  findLastPullRequestUpdate(repository: HostRepositoryRef, signal: AbortSignal): Promise<Date | null>
  /** Builds by update time, oldest first; yields no page when the feature is switched off. */
  listBuilds(query: BuildQuery): AsyncIterable<readonly HostBuild[]>
  /** Update time of the build that was changed last, in one request; null: there is none, or the list is not shown. */
  findLastBuildUpdate(repository: HostRepositoryRef, signal: AbortSignal): Promise<Date | null>
  /** Builds of one commit, the newest first, at most 100; none when the feature is switched off. */
  listBuildsOf(repository: HostRepositoryRef, commit: Sha, signal: AbortSignal): Promise<readonly HostBuild[]>
  /** The jobs of one build, counted; null: the host does not tell this account, does not know the build, or there are too many. */
  countJobs(repository: HostRepositoryRef, build: string, signal: AbortSignal): Promise<JobCounts | null>
  /** Deployments by update time, oldest first; yields no page when the feature is switched off. */
  listDeployments(query: DeploymentQuery): AsyncIterable<readonly HostDeployment[]>
  /** As `findLastBuildUpdate`, for deployments. */
  findLastDeploymentUpdate(repository: HostRepositoryRef, signal: AbortSignal): Promise<Date | null>
  /** All branches, for hosts or servers without usable Git access. */
  listBranches(repository: HostRepositoryRef, signal: AbortSignal): AsyncIterable<readonly HostBranch[]>
  /** Commits of `include` that are not in `exclude` (or its first parent), for hosts or servers without usable Git access. */
  listCommits(
    repository: HostRepositoryRef,
    range: { readonly include: Sha; readonly exclude: Sha | `${Sha}^1` | null },
    signal: AbortSignal,
  ): AsyncIterable<readonly HostCommit[]>
  /** One commit; null when the repository does not have it. */
  findCommit(repository: HostRepositoryRef, commit: Sha, signal: AbortSignal): Promise<HostCommit | null>
  /** One pull request; null when it is gone, or the feature is switched off. */
  findPullRequest(repository: HostRepositoryRef, number: number, signal: AbortSignal): Promise<HostPullRequest | null>
  /** What a commit changes, the first `most` files of it; throws `not-found` when the repository does not have it. */
  getCommitFiles(
    repository: HostRepositoryRef,
    range: { readonly commit: Sha; readonly most: number },
    signal: AbortSignal,
  ): Promise<HostCommitFiles>
  /** What the host found out about the signature of a commit. */
  verifyCommit(repository: HostRepositoryRef, commit: Sha, signal: AbortSignal): Promise<CommitVerification>
  /** Adds a short comment to a commit; needs a token that may write. It is not repeated: when it fails it may be there. */
  commentOnCommit(
    repository: HostRepositoryRef,
    comment: { readonly commit: Sha; readonly text: string },
    signal: AbortSignal,
  ): Promise<void>
  /** Numbers of the open pull requests into this repository that hold a commit, at most 100; none when switched off. */
  listOpenPullRequestsOf(repository: HostRepositoryRef, commit: Sha, signal: AbortSignal): Promise<readonly number[]>
  /**
   * What the pull request held whose commits the host squashed into this one, newest first, at most 1,000; null: it is no
   * such commit, or pull requests are switched off.
   */
  listSquashedInto(repository: HostRepositoryRef, commit: Sha, signal: AbortSignal): Promise<readonly SquashedCommit[] | null>
  /** As `commentOnCommit`, in the conversation of a pull request. */
  commentOnPullRequest(
    repository: HostRepositoryRef,
    comment: { readonly number: number; readonly text: string },
    signal: AbortSignal,
  ): Promise<void>
  /** The part of the host's rate limit that is left, 0 to 1; null: it told none. */
  requestsLeft(): number | null
  /** Size of the Git repository in bytes; null when the token may not know. */
  findRepositorySize(repository: HostRepositoryRef, signal: AbortSignal): Promise<number | null>
  /**
   * Runs `use` with the repository's Git address and the credentials of now; once more with renewed ones when it fails
   * with `credentials-refused` and there are such. Never keep the remote: a token may be replaced within the hour.
   */
  withGitRemote<T>(repository: HostRepositoryRef, use: (remote: GitRemote) => Promise<T>, signal: AbortSignal): Promise<T>
  /** The Git ref under which the host keeps a pull request's head. */
  pullRequestRef(number: number): string
  /** When the tokens of this account end, as far as the host tells. */
  readTokenExpiries(signal: AbortSignal): Promise<readonly TokenExpiry[]>
  /** ms by which this machine's clock is ahead of the host's (negative: behind), of its last answers; null: not known yet. */
  clockSkewMs(): number | null
  /** What the host still allows, as its last answers told; null: it tells nothing. */
  rateLimit(): RateWindow | null
  /** Whose credentials these are; null: the host does not tell. */
  findUser(signal: AbortSignal): Promise<string | null>
  readonly links: HostLinks
  readonly webhooks: HostWebhooks
}

export interface HostLinks {
  commit(repository: HostRepositoryRef, sha: Sha): string
  branch(repository: HostRepositoryRef, name: string): string
  createPullRequest(repository: HostRepositoryRef, sourceBranch: string): string
  /** The page that makes a branch, its name filled in. */
  createBranch(repository: HostRepositoryRef, name: string): string
}

/** Where a webhook is: on one repository, on a group for everything below it, or on the host for everything. */
export type WebhookPlace =
  | { readonly level: 'project'; readonly repository: HostRepositoryRef }
  | { readonly level: 'group'; readonly group: HostId }
  | { readonly level: 'system' }

export interface WantedWebhook {
  readonly url: string
  readonly secret: string
  /** Address with which it was installed last, where that is another one: such a hook is changed, not kept beside it. */
  readonly formerUrl?: string | null
}

/**
 * What became of a webhook. live: it is there with the wanted secret; `signs` as the host says
 * (null: it does not tell), `woken` when deliveries are missing: it had been stopped, or one that is watched was gone or had
 * lost its secret. polling: there may be none. broken: it does not work.
 */
export type WebhookInstallation =
  | { readonly state: 'live'; readonly signs: boolean | null; readonly woken: boolean }
  | { readonly state: 'polling'; readonly reason: string }
  | {
      readonly state: 'broken'
      readonly reason: string
      /** It is there, with the wanted secret, and not called. */
      readonly installed: boolean
    }

/** What a webhook lacks. */
export interface WebhookObstacle {
  /** The right, such as a role and a scope. */
  readonly right: string
  readonly reason: string
}

/** What vouches for a delivery. */
export type WebhookProof = 'signature' | 'token'

type Headers = Readonly<Record<string, string | undefined>>

export interface HostWebhooks {
  /** Finds and adopts our webhook (by its address, or the former one), or creates it, with this secret; surplus ones go. */
  install(place: WebhookPlace, hook: WantedWebhook, signal: AbortSignal): Promise<WebhookInstallation>
  /** Looks whether the host still calls it: wakes a stopped one, and installs it where it is gone; else changes nothing. */
  watch(place: WebhookPlace, hook: WantedWebhook, signal: AbortSignal): Promise<WebhookInstallation>
  /**
   * Whether a webhook could be installed there, by reading alone: null, or why not. A right that only writing proves
   * shows when it is installed.
   */
  findObstacle(place: WebhookPlace, signal: AbortSignal): Promise<WebhookObstacle | null>
  /** Resolves when there is none any more; throws `permission-missing` or `scope-missing` when it has to stay. */
  remove(place: WebhookPlace, hook: Omit<WantedWebhook, 'secret'>, signal: AbortSignal): Promise<void>
  /** What vouches for the raw bytes, compared in constant time; null: nothing does. */
  verify(headers: Headers, body: Buffer, secrets: readonly string[]): WebhookProof | null
  /** Whether a hook with this secret can sign. */
  canSign(secret: string): boolean
  /** Id under which the host repeats the same delivery; null when it sends none. */
  deliveryId(headers: Headers): string | null
  /** The repository that a body is about, which tells the hooks of an account apart; null: none. */
  source(body: unknown): HostId | null
  /** A JSON body as it may be kept: without what the host puts there that may be secret (GitLab: CI variables). */
  withoutSecrets(body: string): string
  /**
   * Throws `unexpected-answer` when the body is not what the event promises.
   *
   * @param ownerPath path of today of the account's owner; null: not known, the configured one counts
   */
  parse(headers: Headers, body: unknown, ownerPath: string | null): WebhookHint
}
