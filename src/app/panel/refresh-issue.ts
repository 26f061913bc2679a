import type { Asker } from '../../domain/asker.ts'
import type { IssueKey } from '../../domain/ids.ts'
import { listKeysOfSameIssue } from '../../db/stores/issues.ts'
import { requeueIssues } from '../../db/stores/jira-hints.ts'
import { takeRefresh } from '../../db/stores/issue-refreshes.ts'
import { listRepositoriesOfIssue } from '../../db/views/issue-repositories.ts'
import { DELIVERY_DELAY_MS, type AppContext } from '../app-context.ts'
import { wakeDelivery } from '../delivery/delivery-hold.ts'
import { addSyncJob } from '../sync/request-sync.ts'

const MOST_REPOSITORIES = 20
/** A second click, or many people at once, is served by the first one. */
const AT_MOST_EVERY_MS = 10_000

/**
 * Looks again at the repositories that have something of an issue, the newest 20, and lets what Jira holds be compared.
 * Within ten seconds of the last time nothing is asked for. Returns how many are, or were, looked at.
 */
export async function refreshIssue(app: AppContext, key: IssueKey, askedBy: Asker | null): Promise<number> {
  const keys = await listKeysOfSameIssue(app.db.read, key)
  const repositories = await listRepositoriesOfIssue(app.db.read, keys, MOST_REPOSITORIES)
  const now = app.clock.now().getTime()
  await app.db.write('interactive', async (tx) => {
    if (!(await takeRefresh(tx, keys, { now, atMostEveryMs: AT_MOST_EVERY_MS }))) return
    await requeueIssues(tx, keys, { dueAt: now + DELIVERY_DELAY_MS, uncertain: true })
    if (app.settings.deliver) await wakeDelivery(app, tx, now + DELIVERY_DELAY_MS)
    for (const repositoryId of repositories.toSorted()) {
      const request = { repositoryId, mode: 'soft', trigger: 'manual', priority: 'webhook' } as const
      await addSyncJob(app, tx, askedBy === null ? request : { ...request, askedBy })
    }
  })
  return repositories.length
}
