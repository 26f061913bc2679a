import type { Clock } from '../../lib/clock.ts'
import type { SandboxIssue, SandboxProject, SandboxRole, SandboxUser } from './types.ts'
import type { World } from './world.ts'

export type Permission =
  | 'BROWSE_PROJECTS'
  | 'VIEW_DEV_TOOLS'
  | 'EDIT_ISSUES'
  | 'LINK_ISSUES'
  | 'ADD_COMMENTS'
  | 'WORK_ON_ISSUES'
  | 'TRANSITION_ISSUES'
  | 'ADMINISTER_PROJECTS'

export const PERMISSIONS: readonly Permission[] = [
  'BROWSE_PROJECTS',
  'VIEW_DEV_TOOLS',
  'EDIT_ISSUES',
  'LINK_ISSUES',
  'ADD_COMMENTS',
  'WORK_ON_ISSUES',
  'TRANSITION_ISSUES',
  'ADMINISTER_PROJECTS',
]

const GRANTED: Readonly<Record<SandboxRole, readonly Permission[]>> = {
  administrators: PERMISSIONS,
  developers: PERMISSIONS.filter((permission) => permission !== 'ADMINISTER_PROJECTS'),
  viewers: ['BROWSE_PROJECTS'],
}

/** Whether a user (null: not signed in) has a permission in a project. */
export function mayIn(project: SandboxProject, user: SandboxUser | null, permission: Permission): boolean {
  if (user === null) return project.anonymousBrowse && permission === 'BROWSE_PROJECTS'
  if (project.withheld[user.name]?.includes(permission) === true) return false
  if (project.members === null) return GRANTED[user.administrator === true ? 'administrators' : 'developers'].includes(permission)
  return Object.entries(project.members).some(
    ([role, names]) => names.includes(user.name) && GRANTED[role as SandboxRole].includes(permission),
  )
}

/** The issue when the user may see it; null hides whether it exists. */
export function findVisibleIssue(world: World, idOrKey: string, user: SandboxUser | null): SandboxIssue | null {
  const issue = world.findIssue(idOrKey)
  return issue !== null && mayIn(world.projectOf(issue), user, 'BROWSE_PROJECTS') ? issue : null
}

export type SignIn =
  | { readonly kind: 'user'; readonly user: SandboxUser }
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'refused'; readonly captcha: boolean }

const FAILURES_BEFORE_CAPTCHA = 3

/**
 * Signs requests in as Jira does: bearer token, basic, session cookie. A wrong or expired token is no error: the
 * request goes on as anonymous; a wrong password is refused, after three times with a CAPTCHA.
 */
export function createSignIn(options: {
  world: World
  clock: Clock
  sessions: ReadonlyMap<string, string>
  userOfOAuth: (token: string) => string | null
}) {
  const { world, clock, sessions, userOfOAuth } = options
  const failures = new Map<string, number>()

  function byToken(token: string): SignIn {
    const byOAuth = world.findUser(userOfOAuth(token) ?? '')
    if (byOAuth !== null && byOAuth.active !== false) return { kind: 'user', user: byOAuth }
    for (const user of world.users) {
      const found = user.tokens?.find((candidate) => candidate.token === token)
      const expired = found?.expiresAt !== undefined && found.expiresAt <= clock.now()
      if (found !== undefined && !expired && user.active !== false) return { kind: 'user', user }
    }
    return { kind: 'anonymous' }
  }

  function byPassword(encoded: string): SignIn {
    const [name = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
    const failed = failures.get(name) ?? 0
    if (failed >= FAILURES_BEFORE_CAPTCHA) return { kind: 'refused', captcha: true }
    const user = world.findUser(name)
    if (user?.password !== undefined && user.password === rest.join(':') && user.active !== false) {
      failures.delete(name)
      return { kind: 'user', user }
    }
    failures.set(name, failed + 1)
    return { kind: 'refused', captcha: false }
  }

  return (headers: {
    authorization?: string | undefined
    cookie?: string | undefined
    /** Who signed by OAuth 1.0a. */
    signer?: string | null
  }): SignIn => {
    const byLink = world.findUser(headers.signer ?? '')
    if (byLink !== null && byLink.active !== false) return { kind: 'user', user: byLink }
    const [scheme = '', value = ''] = (headers.authorization ?? '').split(' ', 2)
    if (scheme.toLowerCase() === 'bearer') return byToken(value)
    if (scheme.toLowerCase() === 'basic') return byPassword(value)
    const session = /(?:^|;\s*)JSESSIONID=([^;]+)/.exec(headers.cookie ?? '')?.[1]
    const user = session === undefined ? null : world.findUser(sessions.get(session) ?? '')
    return user === null ? { kind: 'anonymous' } : { kind: 'user', user }
  }
}
