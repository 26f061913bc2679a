import type { AccountId, HostId } from './ids.ts'
import type { Problem } from './problem.ts'

/** ok; degraded: something does not work, the data is kept; needs-sign-in: the credentials were refused. */
export type AccountState = 'ok' | 'degraded' | 'needs-sign-in'

/** Failures that only somebody with new credentials can mend. */
const SIGN_IN_CODES: ReadonlySet<string> = new Set(['credentials-refused', 'sign-in-needed'])

/** True for a failure that makes an account `needs-sign-in`. */
export function isSignInProblem({ code }: Pick<Problem, 'code'>): boolean {
  return SIGN_IN_CODES.has(code)
}

/** Whose smart commits are executed: see the option `accounts[].smartCommitTrust`. */
export type SmartCommitTrust = 'off' | 'author' | 'verified'

/** How webhooks are managed: see the option `accounts[].webhooks`. */
export type WebhookMode = 'auto' | 'group' | 'project' | 'system' | 'manual' | 'off'

/** What the path of an account's owner led to when it was looked up first: it is asked for by this id ever after. */
export interface ResolvedOwner {
  readonly kind: 'group' | 'user'
  readonly hostId: HostId
  /** Its full path as the host told it last: an attribute that changes. */
  readonly path: string
}

/** A DVCS account: one owner at one Git host, without its secrets. */
export interface Account {
  readonly id: AccountId
  readonly name: string
  readonly host: 'gitlab'
  readonly url: string
  readonly gitUrl: string | null
  /** Group, subgroup or user path, as somebody entered it; null: all that the token can read. */
  readonly owner: string | null
  /** null: it was not looked up yet, or `owner` is null. */
  readonly resolvedOwner: ResolvedOwner | null
  readonly managedBy: 'file' | 'browser'
  readonly webhooks: WebhookMode
  readonly autoLink: boolean
  /** Of newly linked repositories. */
  readonly smartCommits: boolean
  readonly smartCommitTrust: SmartCommitTrust
  /** What became of a smart commit is told on the host. */
  readonly smartCommitReplies: boolean
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  /** Only these projects' issues get this account's data; empty: all. */
  readonly jiraProjects: readonly string[]
  readonly state: AccountState
  readonly problem: Problem | null
  readonly sweptAt: Date | null
  readonly nextSweepAt: Date | null
}
