import { findSetting, saveSetting } from '../../db/stores/settings.ts'
import type { Reader, Tx } from '../../db/database.ts'
import type { Account, SmartCommitTrust } from '../../domain/account.ts'

/** Levels of projects that have one of their own, by key. */
export type ProjectTrust = Readonly<Record<string, SmartCommitTrust>>

export async function findProjectTrust(db: Reader): Promise<ProjectTrust> {
  const stored = await findSetting(db, 'smart-commits.project-trust')
  return stored === null ? {} : (JSON.parse(stored) as ProjectTrust)
}

export async function saveProjectTrust(tx: Tx, levels: ProjectTrust): Promise<void> {
  await saveSetting(tx, 'smart-commits.project-trust', JSON.stringify(levels))
}

/** Of several levels that are said of one project by its former keys, the strictest counts. */
const STRICTEST_FIRST: readonly SmartCommitTrust[] = ['off', 'verified', 'author']

/** A project of Jira as an issue names it today, and as it may have been called when somebody said something of it. */
export interface TrustedProject {
  readonly key: string
  /** Former ones, and perhaps today's. */
  readonly otherKeys: readonly string[]
}

/** What counts for a project of Jira: the level of its key today, else of its former keys, else the account's. */
export function trustFor(
  account: Pick<Account, 'smartCommitTrust'>,
  levels: ProjectTrust,
  { key, otherKeys }: TrustedProject,
): SmartCommitTrust {
  const levelOf = (one: string) => (Object.hasOwn(levels, one) ? levels[one] : undefined)
  const former = new Set(otherKeys.map(levelOf))
  return levelOf(key) ?? STRICTEST_FIRST.find((level) => former.has(level)) ?? account.smartCommitTrust
}
