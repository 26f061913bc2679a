import type { Database, Reader } from '../../db/database.ts'
import { findSetting, saveSetting } from '../../db/stores/settings.ts'
import type { JiraClient } from '../../jira/client.ts'
import type { Clock } from '../../lib/clock.ts'

/** What the last look at the connected Jira found, for people. */
export interface JiraFacts {
  /** Where it was found: of another address nothing is known. */
  readonly url: string
  readonly user: string
  readonly version: string
  readonly at: number
}

const DAY_MS = 24 * 60 * 60_000

/** null: nothing was found at this address yet. */
export async function findJiraFacts(db: Reader, url: string): Promise<JiraFacts | null> {
  const stored = await findSetting(db, 'jira.facts')
  if (stored === null) return null
  const facts = JSON.parse(stored) as JiraFacts
  return sameAddress(facts.url, url) ? facts : null
}

/** Looks again when the last look is older than a day: two small requests. */
export async function renewJiraFacts(
  { db, clock }: { readonly db: Database; readonly clock: Clock },
  client: JiraClient,
  signal: AbortSignal,
): Promise<void> {
  const now = clock.now().getTime()
  const known = await findJiraFacts(db.read, client.base.href)
  if (known !== null && now - known.at < DAY_MS) return
  const { version } = await client.getServerInfo(signal)
  const { name } = await client.getUser(signal)
  const facts: JiraFacts = { url: client.base.href, user: name, version, at: now }
  await db.write('background', (tx) => saveSetting(tx, 'jira.facts', JSON.stringify(facts)))
}

const sameAddress = (one: string, other: string) => one.replace(/\/+$/, '') === other.replace(/\/+$/, '')
