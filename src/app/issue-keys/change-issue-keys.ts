import type { Asker } from '../../domain/asker.ts'
import { toRulesVersion, type IssueKeySettings } from '../../domain/issue-key-settings.ts'
import { forgetRules, listUnderOtherRules } from '../../db/stores/rule-marks.ts'
import type { AppContext } from '../app-context.ts'
import { addSyncJob } from '../sync/request-sync.ts'

/** Few enough that webhooks do not wait for such a transaction. */
const PER_WRITE = 200

/**
 * Stores other rules for issue keys and has every linked repository looked through again under them. To ask again for the
 * same rules asks for what is left of that.
 *
 * @throws ConnectorError `managed-by-file`
 */
export async function changeIssueKeyRules(app: AppContext, rules: IssueKeySettings, askedBy: Asker | null): Promise<void> {
  const before = toRulesVersion(await app.issueKeyRules.refresh())
  await app.db.write('interactive', async (tx) => {
    await app.issueKeyRules.save(tx, rules)
    if (toRulesVersion(rules) !== before) await forgetRules(tx)
  })
  const version = toRulesVersion(await app.issueKeyRules.refresh())
  const stale = await listUnderOtherRules(app.db.read, version)
  for (let start = 0; start < stale.length; start += PER_WRITE) {
    const some = stale.slice(start, start + PER_WRITE)
    await app.db.write('background', async (tx) => {
      for (const repositoryId of some) {
        await addSyncJob(app, tx, { repositoryId, mode: 'soft', trigger: 'manual', ...(askedBy === null ? {} : { askedBy }) })
      }
    })
  }
}
