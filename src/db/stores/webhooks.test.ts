import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountId, hostId } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { accountSettings, addRepository } from '../test-rows.ts'
import { readWebhookOverview } from '../views/webhooks.ts'
import { deleteAccount, findSealedSecrets, saveAccount } from './accounts.ts'
import {
  compareHookUrls,
  findAccountHook,
  findProjectHook,
  saveAccountHook,
  saveProjectHook,
  setWebhookStates,
  type AccountHook,
} from './hooks.ts'
import { findLeftHook, forgetLeftHook, listLeftHooks, noteLeftHook } from './left-hooks.ts'
import { findRepository } from './repositories.ts'
import {
  beginRotation,
  dropPreviousSecret,
  endResaving,
  findRotation,
  findWebhookSecrets,
  keepPreviousSecret,
  listOutdatedHooks,
} from './webhook-secrets.ts'
import { findWebhookGaps, listLiveAccounts, setWebhookGap } from './webhook-gaps.ts'
import { addSigner, hasSigned, removeSigner } from './webhook-signers.ts'

const acme = accountId('acme')
const HOOK: AccountHook = {
  level: 'group',
  owner: hostId('9'),
  state: 'live',
  reason: null,
  generation: 1,
  checkedAt: 5,
  url: null,
}

describe.each(KINDS)('webhooks on %s', (kind) => {
  let place: TestPlace
  let db: Database

  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
  })
  beforeEach(() =>
    db.write('background', async (tx) => {
      for (const table of ['accounts', 'repositories', 'account_webhooks', 'webhook_signers', 'left_hooks'] as const)
        await tx.deleteFrom(table).execute()
      await saveAccount(tx, accountSettings('acme'), { webhookSecret: 'first' }, 0)
    }),
  )
  afterAll(() => place.remove())

  type Work = Parameters<Database['write']>[1]
  const write = (work: Work) => db.write('background', work)
  const rotate = (sealed: string, now = 10) => db.write('background', (tx) => beginRotation(tx, acme, { sealed, now }))

  test('one secret, until a rotation begins', async () => {
    expect(await findWebhookSecrets(db.read, acme)).toEqual({
      sealed: 'first',
      generation: 1,
      previousSealed: null,
      previousUntil: null,
    })
    expect(await findWebhookSecrets(db.read, accountId('nobody'))).toBeNull()
    expect(await findRotation(db.read, acme)).toBeNull()
  })

  test('a rotation counts the hooks that carry the new secret, and none begins meanwhile', async () => {
    const [one, two] = await Promise.all([1, 2].map((number) => db.write('background', (tx) => addRepository(tx, acme, number))))
    if (one === undefined || two === undefined) throw new Error('no repositories')
    await write((tx) => saveProjectHook(tx, one, { state: 'live', reason: null, generation: 1 }, 3))
    await write((tx) => saveAccountHook(tx, acme, HOOK))

    expect(await rotate('second')).toBe(true)
    expect(await rotate('third')).toBe(false)

    expect(await findWebhookSecrets(db.read, acme)).toMatchObject({ sealed: 'second', generation: 2, previousSealed: 'first' })
    expect(await findRotation(db.read, acme)).toEqual({ beganAt: 10, done: 0, total: 2, previousUntil: null })
    expect(await listOutdatedHooks(db.read, acme, { after: 0, limit: 10 })).toEqual([{ id: Number(one), hostId: '1' }])
    await write((tx) => saveProjectHook(tx, one, { state: 'live', reason: null, generation: 2 }))
    expect(await findRotation(db.read, acme)).toMatchObject({ done: 1, total: 2 })
    expect(await listOutdatedHooks(db.read, acme, { after: 0, limit: 10 })).toEqual([])
  })

  test('the old secret ends at its time, not before', async () => {
    await rotate('second')
    await write((tx) => dropPreviousSecret(tx, acme, 1_000))
    expect(await findWebhookSecrets(db.read, acme)).toMatchObject({ previousSealed: 'first', previousUntil: null })

    await write((tx) => endResaving(tx, acme, 100))
    await write((tx) => endResaving(tx, acme, 200))
    await write((tx) => dropPreviousSecret(tx, acme, 99))
    expect(await findWebhookSecrets(db.read, acme)).toMatchObject({ previousSealed: 'first', previousUntil: 100 })
    expect(await rotate('third')).toBe(true)
    await write((tx) => endResaving(tx, acme, 300))
    await write((tx) => dropPreviousSecret(tx, acme, 300))
    expect(await findWebhookSecrets(db.read, acme)).toMatchObject({ sealed: 'third', generation: 3, previousSealed: null })
  })

  test('a secret of hooks installed by hand is kept for a while', async () => {
    await write((tx) => keepPreviousSecret(tx, acme, { sealed: 'first', now: 1, until: 50 }))

    expect(await findRotation(db.read, acme)).toEqual({ beganAt: 1, done: 0, total: 0, previousUntil: 50 })
  })

  test('who has signed is known by repository, or for all by the one hook of the account', async () => {
    const five = hostId('5')
    expect(await hasSigned(db.read, acme, five)).toBe(false)
    for (let twice = 0; twice < 2; twice += 1) await write((tx) => addSigner(tx, acme, five))
    // What names no repository may come from any hook of the account.
    expect([await hasSigned(db.read, acme, five), await hasSigned(db.read, acme, null)]).toEqual([true, true])
    expect(await hasSigned(db.read, acme, hostId('6'))).toBe(false)
    expect(await hasSigned(db.read, accountId('other'), five)).toBe(false)
    await write((tx) => removeSigner(tx, acme, five))
    expect(await hasSigned(db.read, acme, five)).toBe(false)

    await write((tx) => saveAccountHook(tx, acme, HOOK))
    await write((tx) => addSigner(tx, acme, five))
    expect([await hasSigned(db.read, acme, hostId('6')), await hasSigned(db.read, acme, null)]).toEqual([true, true])
    await write((tx) => removeSigner(tx, acme, 'account'))
    expect(await hasSigned(db.read, acme, five)).toBe(false)
  })

  test('what was missed and woken is kept beside the one hook, each by itself', async () => {
    expect(await findWebhookGaps(db.read, acme)).toEqual({ missedAt: null, wokenAt: null })
    await write((tx) => setWebhookGap(tx, acme, { missedAt: 7 }))
    await write((tx) => saveAccountHook(tx, acme, HOOK))
    await write((tx) => setWebhookGap(tx, acme, { wokenAt: 8 }))
    await write((tx) => setWebhookGap(tx, acme, { missedAt: 9 }))

    expect(await findWebhookGaps(db.read, acme)).toEqual({ missedAt: 9, wokenAt: 8 })
    expect(await findAccountHook(db.read, acme)).toEqual(HOOK)
  })

  test('accounts with a live webhook are those of which something can be missed', async () => {
    expect(await listLiveAccounts(db.read)).toEqual([])
    const id = await db.write('background', (tx) => addRepository(tx, acme, 1))
    expect(await listLiveAccounts(db.read)).toEqual([])
    await write((tx) => saveProjectHook(tx, id, { state: 'live', reason: null, generation: 1 }))
    expect(await listLiveAccounts(db.read)).toEqual([acme])
  })

  test('a hook with a former address is polled, one without a stored address has that of today', async () => {
    const [moved, old] = await Promise.all(
      [1, 2].map((number) => db.write('background', (tx) => addRepository(tx, acme, number))),
    )
    if (moved === undefined || old === undefined) throw new Error('no repositories')
    const live = { state: 'live', reason: null, generation: 1 } as const
    await write((tx) => saveProjectHook(tx, moved, { ...live, url: 'https://before/webhooks/acme' }))
    await write((tx) => saveProjectHook(tx, old, live))

    await write((tx) => compareHookUrls(tx, acme, { url: 'https://now/webhooks/acme', reason: 'moved' }))

    expect((await findProjectHook(db.read, acme, hostId('1')))?.hook).toEqual({
      state: 'polling',
      reason: 'moved',
      generation: 1,
      url: 'https://before/webhooks/acme',
    })
    expect((await findProjectHook(db.read, acme, hostId('2')))?.hook).toEqual({ ...live, url: 'https://now/webhooks/acme' })
  })

  test('the one hook of the account is told of all linked repositories', async () => {
    const id = await db.write('background', (tx) => addRepository(tx, acme, 1))
    await write((tx) => saveAccountHook(tx, acme, HOOK))
    expect(await findAccountHook(db.read, acme)).toEqual(HOOK)

    await write((tx) => setWebhookStates(tx, acme, { state: 'broken', reason: 'why' }))
    expect((await findRepository(db.read, id))?.webhook).toEqual({ state: 'broken', reason: 'why' })
    expect(await readWebhookOverview(db.read, acme)).toMatchObject({
      counts: { live: 0, polling: 0, broken: 1, off: 0 },
      reasons: [{ reason: 'why', repositories: 1 }],
      rotation: null,
      lastReceivedAt: null,
    })
    await write((tx) => setWebhookStates(tx, acme, { state: 'live', reason: null }))
    expect((await findProjectHook(db.read, acme, hostId('1')))?.hook).toEqual({
      state: 'live',
      reason: null,
      generation: null,
      url: null,
    })

    await write((tx) => saveAccountHook(tx, acme, null))
    expect(await findAccountHook(db.read, acme)).toBeNull()
  })

  test('a hook that the host does not let go is tried after twice the time, up to once a day', async () => {
    const hook = { hostId: hostId('5'), path: 'other/shop', webUrl: 'https://git.test/other/shop', url: null, reason: 'why' }
    const minutes: number[] = []
    for (let time = 0; time < 12; time += 1) {
      await write((tx) => noteLeftHook(tx, acme, { hook, now: 0 }))
      minutes.push(((await findLeftHook(db.read, acme, hook.hostId))?.nextAt ?? 0) / 60_000)
    }
    await write((tx) => noteLeftHook(tx, acme, { hook: { ...hook, hostId: hostId('6') }, now: 0 }))

    expect(minutes).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440, 1440])
    expect((await listLeftHooks(db.read, acme, { limit: 9 })).map((one) => one.hostId)).toEqual(['6', '5'])
    expect(await listLeftHooks(db.read, acme, { dueBy: 5 * 60_000, limit: 9 })).toEqual([
      { ...hook, hostId: '6', attempts: 1, nextAt: 5 * 60_000 },
    ])
    await write((tx) => forgetLeftHook(tx, acme, hostId('6')))
    expect(await findLeftHook(db.read, acme, hostId('6'))).toBeNull()
  })

  test('a deleted account takes all of it', async () => {
    await rotate('second')
    const hook = { hostId: hostId('5'), path: 'other/shop', webUrl: 'https://git.test/other/shop', url: null, reason: 'why' }
    await write((tx) => noteLeftHook(tx, acme, { hook, now: 0 }))
    await write((tx) => addSigner(tx, acme, null))

    await write((tx) => deleteAccount(tx, acme))

    expect(await db.read.selectFrom('account_webhooks').select('account_id').execute()).toEqual([])
    expect(await db.read.selectFrom('webhook_signers').select('source').execute()).toEqual([])
    expect(await listLeftHooks(db.read, acme, { limit: 9 })).toEqual([])
    expect(await findSealedSecrets(db.read, acme)).toBeNull()
  })
})
