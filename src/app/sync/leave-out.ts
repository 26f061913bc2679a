import type { Account } from '../../domain/account.ts'
import type { HostId } from '../../domain/ids.ts'
import { holdAccount } from '../../db/stores/accounts.ts'
import { markRelinked } from '../../db/stores/relinked.ts'
import { setLeftOut, type KnownRepository } from '../../db/stores/repositories.ts'
import { markIssuesOfDirty } from '../../db/stores/repository-bulk.ts'
import { cancelWaitingSync } from '../../db/stores/sync-state.ts'
import type { HostRepository } from '../../hosts/types.ts'
import { isIncluded } from '../accounts/included.ts'
import type { AppContext } from '../app-context.ts'
import { addSyncJob, syncJobKey } from './request-sync.ts'
import { writeChanges } from './sync-run.ts'

interface Filtered {
  readonly account: Account
  /** As the host lists them. */
  readonly page: readonly HostRepository[]
  /** What is stored; repositories that change are replaced in it. */
  readonly known: Map<HostId, KnownRepository>
  /** As `isIncluded` wants it. */
  readonly ownerPath: string | null
}

/**
 * Applies `include` and `exclude`, which may have changed, to repositories that are stored already: unlinks what they leave
 * out, as a person does it (the data is kept, hidden), and links again what they had left out and do not any more. What a
 * person unlinked stays unlinked.
 */
export async function applyFilter(app: AppContext, { account, page, known, ownerPath }: Filtered): Promise<void> {
  const stored = page.flatMap(({ hostId, path }) => {
    const repository = known.get(hostId)
    return repository === undefined ? [] : [{ repository, included: isIncluded(account, path, ownerPath) }]
  })
  const leaving = stored.filter(({ repository, included }) => !included && repository.linked)
  const returning = stored.filter(({ repository, included }) => included && repository.leftOut)
  for (const [changing, leftOut] of [
    [leaving, true],
    [returning, false],
  ] as const) {
    const repositories = changing.map(({ repository }) => repository)
    if (repositories.length > 0) await change(app, { account, repositories, leftOut })
    for (const repository of repositories) known.set(repository.hostId, { ...repository, leftOut, linked: !leftOut })
  }
}

interface Change {
  readonly account: Account
  readonly repositories: readonly KnownRepository[]
  readonly leftOut: boolean
}

async function change(app: AppContext, { account, repositories, leftOut }: Change): Promise<void> {
  const changed = await writeChanges(app, async (tx, dueAt) => {
    if (!(await holdAccount(tx, account.id))) return []
    const ids = await setLeftOut(
      tx,
      repositories.map(({ id }) => id),
      leftOut,
    )
    if (!leftOut) await markRelinked(tx, ids)
    await markIssuesOfDirty(tx, ids, dueAt)
    for (const id of ids) {
      if (leftOut) {
        await cancelWaitingSync(tx, id)
        await app.jobs.cancel(tx, syncJobKey(id))
      } else await addSyncJob(app, tx, { repositoryId: id, mode: 'soft', trigger: 'link' })
    }
    return ids
  })
  app.log.info(
    { account: account.id, repositories: changed.length },
    leftOut ? 'repositories left out by the filter: unlinked' : 'repositories included again: linked',
  )
}
