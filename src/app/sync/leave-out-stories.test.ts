import { afterEach, expect, test, vi } from 'vitest'
import { KINDS } from '../../db/test-database.ts'
import { declareAccounts } from '../accounts/declare-accounts.ts'
import { describeLeftOut } from '../accounts/describe-left-out.ts'
import { explainReference } from '../explain/explain-reference.ts'
import { changeManyRepositories } from '../repositories/change-many.ts'
import { changeRepository } from '../repositories/change-repository.ts'
import { toAccountSettings } from '../test-connector.ts'
import { startReachableStory, type ReachableStory } from '../webhooks/test-receiver.ts'

vi.setConfig({ testTimeout: 120_000 })

let story: ReachableStory
afterEach(() => story.close())

async function start(kind: (typeof KINDS)[number] = 'sqlite') {
  const s = (story = await startReachableStory({ kind, account: { webhooks: 'project' } }))
  const shop = await s.project('shop', ['SHOP-1 begin'])
  const web = await s.project('web', ['SHOP-2 begin'])
  await s.sweep()
  await expect.poll(() => s.shown('SHOP-2'), { timeout: 20_000 }).not.toBeNull()
  return { ...s, shop, web }
}

const exclude = async (...globs: string[]) => {
  const settings = { url: story.gitlab.url, owner: 'acme', webhooks: 'project', exclude: globs } as const
  await declareAccounts(story.app, [toAccountSettings('acme', settings)])
  await story.sweep()
}
const hooks = () => [...story.gitlab.hooks.values()].map(({ ownerId }) => ownerId)

test.each(KINDS)(
  'what the filter leaves out is unlinked, hidden and without hook until it is included again (%s)',
  async (kind) => {
    const s = await start(kind)

    await exclude('**/web')
    await expect.poll(async () => (await s.stored(s.web)).webhook.state, { timeout: 20_000 }).toBe('off')
    expect((await s.stored(s.web)).linked).toBe(false)
    expect(hooks()).toEqual([s.shop.id])
    await expect.poll(() => s.shown('SHOP-2'), { timeout: 20_000 }).toBeNull()
    expect(s.shown('SHOP-1')).not.toBeNull()
    await s.push(s.web, 'main', ['SHOP-9 meanwhile'])

    await exclude()
    await expect.poll(() => s.shown('SHOP-9'), { timeout: 20_000 }).not.toBeNull()
    expect((await s.stored(s.web)).linked).toBe(true)
    await expect.poll(() => hooks().length, { timeout: 20_000 }).toBe(2)
  },
)

test('what a person unlinked stays so, whatever the filter does', async () => {
  const s = await start()
  const { id } = await s.stored(s.web)
  await changeRepository(s.app, { id, linked: false }, s.signal)
  await exclude('**/web')
  await exclude()
  expect((await s.stored(s.web)).linked).toBe(false)
})

test.each(['alone', 'with others'])('what a person unlinks %s while it is left out stays so', async (way) => {
  const s = await start()
  const { id } = await s.stored(s.web)
  await exclude('**/web')
  if (way === 'alone') await changeRepository(s.app, { id, linked: false }, s.signal)
  else await changeManyRepositories(s.app, { which: [id], linked: false, askedBy: null })
  await exclude()
  expect((await s.stored(s.web)).linked).toBe(false)
})

test('what a person links although it is left out is unlinked by the next sweep, and comes back with the filter', async () => {
  const s = await start()
  const { id } = await s.stored(s.web)
  await exclude('**/web')
  await changeRepository(s.app, { id, linked: true }, s.signal)
  await s.sweep()
  expect((await s.stored(s.web)).linked).toBe(false)

  await exclude()
  expect((await s.stored(s.web)).linked).toBe(true)
})

test('what is left out says by which pattern, and so does the answer to why', async () => {
  const s = await start()
  const { id } = await s.stored(s.web)
  const reason = async () => (await describeLeftOut(s.app.db.read, [id])).get(id)
  const why = async () => {
    const { subjects } = await explainReference(s.app, 'main', s.signal)
    return subjects.flatMap(({ steps }) => steps.filter(({ step }) => step === 'linked').map(({ text }) => text))
  }
  expect([await reason(), await why()]).toEqual([undefined, []])

  await exclude('**/old', '**/web')
  expect(await reason()).toBe('Left out by the filter "exclude: **/web".')
  expect(await why()).toEqual(['acme/web is not linked: nothing of it is shown. Left out by the filter "exclude: **/web".'])

  const include = ['acme/a', 'acme/b', 'acme/c', 'acme/d']
  const settings = { url: s.gitlab.url, owner: 'acme', webhooks: 'project' } as const
  await declareAccounts(s.app, [toAccountSettings('acme', { ...settings, include })])
  expect(await reason()).toBe('Left out by the filter "include: acme/a, acme/b, acme/c, and 1 more": no pattern takes it.')
  await declareAccounts(s.app, [toAccountSettings('acme', settings)])
  expect(await reason()).toMatch(/until the next sweep/)
})
