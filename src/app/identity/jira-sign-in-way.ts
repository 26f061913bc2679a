import type { Reader, Tx } from '../../db/database.ts'
import { findSetting, saveSetting } from '../../db/stores/settings.ts'
import type { AppContext } from '../app-context.ts'
import { findJiraFacts } from '../jira/jira-facts.ts'
import { findApplicationLink, type ApplicationLink } from './application-link.ts'

/** How people are sent to Jira to sign in here: by its OAuth 2.0, or by an application link of OAuth 1.0a. */
export type JiraSignInWay = 'oauth-2' | 'application-link'

/** `auto`: by the version of Jira and by what is set up. */
export const JIRA_SIGN_IN_CHOICES = ['auto', 'oauth-2', 'application-link', 'none'] as const
export type JiraSignInChoice = (typeof JIRA_SIGN_IN_CHOICES)[number]

export interface JiraSignInState {
  readonly choice: JiraSignInChoice
  /** What the sign-in page offers; null: neither. */
  readonly way: JiraSignInWay | null
  /** As the last test of the connection found it; null: not known yet. */
  readonly version: string | null
  /** Jira has OAuth 2.0, by its version; true as well while that is not known. */
  readonly isProvider: boolean
  /** An OAuth application of Jira is configured. */
  readonly hasClient: boolean
  readonly link: ApplicationLink | null
  /** When the connected Jira last accepted the key of the link; null: it did not. */
  readonly acceptedAt: number | null
}

/** What is offered and why, as it is at this moment: one node may have learnt of it from another. */
export async function readJiraSignIn({ db, jira }: Pick<AppContext, 'db' | 'jira'>): Promise<JiraSignInState> {
  const url = jira?.client.base.href ?? null
  const [choice, link, facts] = await Promise.all([
    findChoice(db.read),
    findApplicationLink(db.read),
    url === null ? null : findJiraFacts(db.read, url),
  ])
  const version = facts?.version ?? null
  const hasClient = jira?.oauth !== undefined
  const acceptedAt = link?.accepted?.url === url ? (link?.accepted?.at ?? null) : null
  const way = chooseWay({ choice, version, hasClient, hasLink: acceptedAt !== null })
  return { choice, way, version, isProvider: isProviderOfOAuth2(version), hasClient, link, acceptedAt }
}

/**
 * OAuth 2.0 where Jira is a provider of it and a client is configured, else the application link once that Jira has accepted
 * its key: a sign-in page leads nowhere that was never seen to work. A Jira that was upgraded keeps its application links.
 */
export function chooseWay({ choice, version, hasClient, hasLink }: Ways): JiraSignInWay | null {
  if (choice === 'none') return null
  const ways: readonly JiraSignInWay[] = [
    ...(hasClient && isProviderOfOAuth2(version) ? (['oauth-2'] as const) : []),
    ...(hasLink ? (['application-link'] as const) : []),
  ]
  return ways.find((way) => choice === 'auto' || choice === way) ?? null
}

interface Ways extends Pick<JiraSignInState, 'choice' | 'version' | 'hasClient'> {
  readonly hasLink: boolean
}

/** Since 8.22; what is not known is tried. */
function isProviderOfOAuth2(version: string | null): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version ?? '') ?? []
  if (major === undefined || minor === undefined) return true
  return Number(major) > 8 || (Number(major) === 8 && Number(minor) >= 22)
}

export async function saveJiraSignInChoice(tx: Tx, choice: JiraSignInChoice): Promise<void> {
  await saveSetting(tx, 'jira.sign-in', choice)
}

async function findChoice(db: Reader): Promise<JiraSignInChoice> {
  const stored = await findSetting(db, 'jira.sign-in')
  return JIRA_SIGN_IN_CHOICES.find((choice) => choice === stored) ?? 'auto'
}
