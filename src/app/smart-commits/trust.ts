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

/** What counts for a project of Jira: its own level, else the account's. */
export function trustFor(account: Pick<Account, 'smartCommitTrust'>, levels: ProjectTrust, projectKey: string): SmartCommitTrust {
  return Object.hasOwn(levels, projectKey) ? (levels[projectKey] ?? account.smartCommitTrust) : account.smartCommitTrust
}
