import type { Problem } from '../domain/problem.ts'
import { toShownText } from '../domain/shown-text.ts'
import type { JiraClient } from './client.ts'
import type { JiraAccount } from './issue-actions.ts'

/** The author of a commit as Git has it. */
export interface CommitAuthor {
  readonly name: string
  readonly email: string
}

export type ResolvedAuthor =
  | { readonly kind: 'found'; readonly user: JiraAccount }
  | { readonly kind: 'failed'; readonly problem: Problem }

const MOST_NAMES = 10
/** The longest address there is (RFC 5321). */
const LONGEST_EMAIL = 254

/**
 * The one active Jira user whose commit this is: by the exact e-mail address in any letter case; among several, the one whose
 * user name or full name is the author's name in Git.
 *
 * @throws ConnectorError what the client's calls reject with; `jira-permission-missing` when the connector's user may not
 * search for people ("Browse Users")
 */
export async function resolveAuthor(client: JiraClient, author: CommitAuthor, signal: AbortSignal): Promise<ResolvedAuthor> {
  const email = author.email.trim()
  if (!/^[^\s@]+@[^\s@]+$/.test(email) || email.length > LONGEST_EMAIL) return failed(withoutEmail(author))
  const { users, emailsHidden } = await client.actions.findUsersByEmail(email, signal)
  const active = users.filter((user) => user.active)
  const [only] = active
  if (only !== undefined && active.length === 1) return { kind: 'found', user: only }
  if (active.length > 1) return breakTie(active, author)
  const [inactive] = users
  if (inactive !== undefined) return failed(inactiveUser(inactive, email))
  return failed(emailsHidden ? hiddenEmails(email) : unknownUser(author, email))
}

function breakTie(users: readonly JiraAccount[], author: CommitAuthor): ResolvedAuthor {
  const wanted = comparable(author.name)
  const byName = users.filter(({ name }) => comparable(name) === wanted)
  const called = byName.length > 0 ? byName : users.filter(({ displayName }) => comparable(displayName) === wanted)
  const [only] = called
  return only !== undefined && called.length === 1 ? { kind: 'found', user: only } : failed(severalUsers(users, author))
}

function comparable(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase()
}

function withoutEmail({ name, email }: CommitAuthor): Problem {
  const what = email.trim() === '' ? 'has no e-mail address' : `has "${shown(email)}" instead of an e-mail address`
  return {
    code: 'smart-commit-author-without-email',
    message: `The author of the commit, ${shown(name) || 'without a name'}, ${what}, so nobody in Jira can be found for it.`,
    remedy: 'Set the address that Jira has with git config user.email.',
  }
}

function unknownUser({ name }: CommitAuthor, email: string): Problem {
  return {
    code: 'smart-commit-author-unknown',
    message: `No Jira user has the e-mail address ${shown(email)} of the commit's author ${shown(name)}.`,
    remedy: 'Use the same address in Jira (Profile) and in Git (git config user.email).',
  }
}

function severalUsers(users: readonly JiraAccount[], { name, email }: CommitAuthor): Problem {
  const names = users.slice(0, MOST_NAMES).map((user) => shown(user.name))
  const more = users.length > names.length ? ` and ${users.length - names.length} more` : ''
  return {
    code: 'smart-commit-author-ambiguous',
    message: `${users.length} active Jira users have the e-mail address ${shown(email.trim())}: ${names.join(', ')}${more}.`,
    remedy: `Deactivate those that are not used, or set git config user.name to the user name or full name of one: it is "${shown(name)}" in this commit.`,
  }
}

function inactiveUser(user: JiraAccount, email: string): Problem {
  return {
    code: 'smart-commit-author-inactive',
    message: `The Jira user ${shown(user.name)} with the e-mail address ${shown(email)} is inactive.`,
    remedy: 'A Jira administrator activates the user, or the author uses the address of an active one in Git.',
  }
}

function hiddenEmails(email: string): Problem {
  return {
    code: 'smart-commit-emails-hidden',
    message: `Jira does not show e-mail addresses to the connector's user, so nobody can be found by ${shown(email)}.`,
    remedy:
      'A Jira administrator sets "User email visibility" to "Public" or "Logged in users only" (System > General configuration).',
  }
}

function shown(text: string): string {
  return toShownText(text, { max: 100 })
}

function failed(problem: Problem): ResolvedAuthor {
  return { kind: 'failed', problem }
}
