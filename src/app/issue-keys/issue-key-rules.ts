import type { Database, Tx } from '../../db/database.ts'
import { findSetting, saveSetting } from '../../db/stores/settings.ts'
import type { IssueKeySettings } from '../../domain/issue-key-settings.ts'
import { ConnectorError } from '../../lib/connector-error.ts'

/**
 * The rules of this process for issue keys, which may become others at any time: the configuration file's if it sets any,
 * else those that were stored in the browser, on whatever node, else the defaults.
 */
export interface IssueKeyRules {
  readonly managedBy: 'file' | 'browser'
  /** Stays the same object as long as nobody changes the rules. */
  current(): IssueKeySettings
  /** Reads whether another node stored other ones. */
  refresh(): Promise<IssueKeySettings>
  /**
   * Stores other ones, within a transaction of the caller, who then calls `refresh`.
   *
   * @throws ConnectorError `managed-by-file`
   */
  save(tx: Tx, rules: IssueKeySettings): Promise<void>
}

export interface IssueKeyRulesOptions {
  readonly db: Database
  /** Of the configuration file, else the defaults. */
  readonly configured: IssueKeySettings
  /** The configuration file sets any of them. */
  readonly byFile: boolean
}

/** The rules that are in force now. */
export async function createIssueKeyRules({ db, configured, byFile }: IssueKeyRulesOptions): Promise<IssueKeyRules> {
  let known: { readonly text: string | null; readonly rules: IssueKeySettings } = { text: null, rules: configured }
  const rules: IssueKeyRules = {
    managedBy: byFile ? 'file' : 'browser',
    current: () => known.rules,
    async refresh() {
      if (byFile) return configured
      const text = await findSetting(db.read, 'issue-keys')
      if (text !== known.text) known = { text, rules: text === null ? configured : (JSON.parse(text) as IssueKeySettings) }
      return known.rules
    },
    async save(tx, { anyCaseIn, pullRequestCommits }) {
      if (byFile) throw managedByFile()
      await saveSetting(tx, 'issue-keys', JSON.stringify({ anyCaseIn, pullRequestCommits }))
    },
  }
  await rules.refresh()
  return rules
}

function managedByFile(): ConnectorError {
  return new ConnectorError('managed-by-file', {
    userMessage: 'The rules for issue keys are managed by the configuration file.',
    remedy: 'Change "issueKeys" there and start the connector again.',
  })
}
