import { afterEach, describe, expect, test, vi } from 'vitest'
import { KINDS } from '../../db/test-database.ts'
import { findLastDone } from '../../db/stores/sync-journal.ts'
import { accountId, hostId, type RepositoryId } from '../../domain/ids.ts'
import type { WebhookHint } from '../../domain/webhook-hint.ts'
import { changeRepository } from '../repositories/change-repository.ts'
import { startStory, type Story } from '../test-story.ts'
import { followHints } from './follow-hints.ts'

vi.setConfig({ testTimeout: 120_000 })

let story: Story
afterEach(() => story.close())

const WAIT = { timeout: 60_000, interval: 20 }

const acme = accountId('acme')

describe.each(KINDS)('on %s', (kind) => {
  test('a flood asks once for each repository, in the name of the last webhook, and once for the list', async () => {
    const s = (story = await startStory({ kind }))
    const [shop, web, closed] = [await s.project('shop', ['SHOP-1 begin']), await s.project('web'), await s.project('closed')]
    const done = async (id: RepositoryId) => expect(await findLastDone(s.app.db.read, id)).not.toBeNull()
    await s.sweep()
    const [shopId, webId, closedId] = await vi.waitFor(async () => {
      const ids = await Promise.all([shop, web, closed].map(async (project) => (await s.stored(project)).id))
      for (const id of ids) await done(id)
      return ids as [RepositoryId, RepositoryId, RepositoryId]
    }, WAIT)
    await changeRepository(s.app, { id: closedId, linked: false }, new AbortController().signal)
    const repository = (id: number | string, more = {}): WebhookHint => ({
      kind: 'repository',
      repository: hostId(String(id)),
      ...more,
    })
    const hints: WebhookHint[] = [
      ...Array.from({ length: 60 }, () => [repository(shop.id), repository(web.id)]).flat(),
      repository(closed.id),
      repository('999999'),
      repository('999998', { elsewhere: true }),
      { kind: 'repository-list' },
      { kind: 'credentials' },
      { kind: 'ignored', event: 'Wiki Page Hook' },
    ]

    const outcomes = await s.app.db.write('interactive', (tx) =>
      followHints(
        s.app,
        tx,
        hints.map((hint, index) => ({ id: index + 1, accountId: acme, hint })),
      ),
    )

    expect(outcomes.slice(0, 2)).toEqual([
      { state: 'done', repositoryId: shopId },
      { state: 'done', repositoryId: webId },
    ])
    expect(outcomes.slice(120)).toEqual([
      { state: 'ignored', repositoryId: closedId },
      { state: 'done' },
      { state: 'ignored' },
      { state: 'done' },
      { state: 'done' },
      { state: 'ignored' },
    ])
    const syncs = () =>
      s.app.db.read
        .selectFrom('syncs')
        .select(['repository_id', 'asked_by', 'outcome'])
        .where('trigger', '=', 'webhook')
        .orderBy('asked_by')
        .execute()
    await vi.waitFor(
      async () =>
        expect(await syncs()).toEqual([
          { repository_id: Number(shopId), asked_by: 'webhook:119', outcome: 'done' },
          { repository_id: Number(webId), asked_by: 'webhook:120', outcome: 'done' },
        ]),
      WAIT,
    )
  })
})
