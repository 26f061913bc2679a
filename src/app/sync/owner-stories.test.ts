import { afterEach, expect, test } from 'vitest'
import { findAccount } from '../../db/stores/accounts.ts'
import { accountId } from '../../domain/ids.ts'
import { declareAccounts } from '../accounts/declare-accounts.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../test-clock.ts'
import { toAccountSettings } from '../test-connector.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'
import { proofJobKey } from './prove-account.ts'

let story: Story
afterEach(() => story.close())

const ACME = accountId('acme')

/** With `acme/shop`, imported. */
async function startImported(options?: StoryOptions) {
  story = await startStory(options)
  const shop = await story.project('shop', ['SHOP-1 begin'])
  await story.sweep()
  return { ...story, shop }
}

const account = () => findAccount(story.app.db.read, ACME)

async function names(): Promise<string[]> {
  const rows = await story.app.db.read.selectFrom('repositories').select('path').orderBy('path').execute()
  return rows.map(({ path }) => path)
}

/** A group of somebody else's, which our token may read, with a repository. */
async function addStranger(path: string, name = 'secret') {
  const group = story.gitlab.addGroup({ path })
  story.gitlab.addMember(group, story.maintainer, 'maintainer')
  return { group, project: await story.gitlab.addProject({ namespace: group, path: name }) }
}

async function prove() {
  await story.app.db.write('interactive', (tx) =>
    story.app.jobs.add(tx, {
      name: 'prove-account',
      payload: { accountId: ACME, step: 'compare' },
      key: proofJobKey(ACME, 'compare'),
    }),
  )
  await story.settle()
}

const ownerRequests = () =>
  story.gitlab.requests
    .filter(({ path }) => /^\/api\/v4\/(groups|users)(\/[^/]+)?(\?|$)/.test(path))
    .map(({ method, path }) => `${method} ${path}`)

test('an owner is looked up by its path once, then asked for by its id, in one request', async () => {
  const s = await startImported()

  expect(await account()).toMatchObject({ resolvedOwner: { kind: 'group', hostId: String(s.acme.id), path: 'acme' } })
  expect(ownerRequests()).toEqual(['GET /api/v4/groups/acme?with_projects=false'])
  s.gitlab.clearRequests()
  s.clock.advance(HOUR_MS)
  await s.sweep()

  expect(ownerRequests()).toEqual([`GET /api/v4/groups/${s.acme.id}?with_projects=false`])
})

test('a renamed group stays the owner: its repositories go on under their new paths, new ones come', async () => {
  const s = await startImported()
  const { id } = await s.stored(s.shop)

  s.gitlab.renameGroup(s.acme, 'acme-group')
  s.clock.advance(2 * HOUR_MS)
  await s.push(s.shop, 'main', ['SHOP-2 after the rename'])
  const web = await s.project('web', ['SHOP-3 new'])
  await s.sweep()

  expect(await account()).toMatchObject({
    state: 'ok',
    problem: null,
    owner: 'acme',
    resolvedOwner: { hostId: String(s.acme.id), path: 'acme-group' },
  })
  expect(await s.stored(s.shop)).toMatchObject({ id, name: 'acme-group/shop', missing: false })
  expect(await s.commits(s.shop)).toEqual(['SHOP-1 begin', 'SHOP-2 after the rename'])
  expect(await s.commits(web)).toEqual(['SHOP-3 new'])
})

test('whoever takes the old path of a renamed group is a stranger, and nothing of ours goes', async () => {
  const s = await startImported()
  await s.project('tools', ['SHOP-2 tools'])
  await s.sweep()

  s.gitlab.renameGroup(s.acme, 'acme-group')
  // One with the same name as one of ours, and one that is theirs alone.
  const { group } = await addStranger('acme', 'shop')
  await s.gitlab.addProject({ namespace: group, path: 'secret' })
  for (let day = 0; day < 3; day += 1) {
    s.clock.advance(DAY_MS + HOUR_MS)
    await s.sweep()
  }

  expect(await names()).toEqual(['acme-group/shop', 'acme-group/tools'])
  expect(await account()).toMatchObject({ state: 'ok', resolvedOwner: { hostId: String(s.acme.id), path: 'acme-group' } })
  expect(s.shown('SHOP-1')).not.toBeNull()
})

test('a subgroup stays the owner when a group above it is renamed', async () => {
  story = await startStory({ account: { owner: 'acme/web' } })
  const web = story.gitlab.addGroup({ path: 'web', parent: story.acme })
  await story.gitlab.addProject({ namespace: web, path: 'site' })
  await story.sweep()

  story.gitlab.renameGroup(story.acme, 'firm')
  story.clock.advance(2 * DAY_MS)
  await story.sweep()

  expect(await names()).toEqual(['firm/web/site'])
  expect(await account()).toMatchObject({ state: 'ok', resolvedOwner: { path: 'firm/web' } })
})

test('a user who is renamed stays the owner, at one request a sweep', async () => {
  story = await startStory({ account: { owner: 'mia' } })
  const { gitlab, maintainer, clock, sweep } = story
  await gitlab.addProject({ namespace: 'mia', path: 'notes' })
  await sweep()
  expect(await names()).toEqual(['mia/notes'])

  gitlab.renameUser(maintainer, 'mia.lang')
  const other = gitlab.addUser({ username: 'mia' })
  await gitlab.addProject({ namespace: 'mia', path: 'diary', visibility: 'public', creator: other })
  gitlab.clearRequests()
  for (let day = 0; day < 2; day += 1) {
    clock.advance(DAY_MS + HOUR_MS)
    await sweep()
  }

  expect(await names()).toEqual(['mia.lang/notes'])
  expect(await account()).toMatchObject({ state: 'ok', resolvedOwner: { kind: 'user', path: 'mia.lang' } })
  expect(ownerRequests()).toEqual(Array.from({ length: 2 }, () => `GET /api/v4/users/${maintainer.id}`))
})

test('patterns that name the owner as it was go on to mean it', async () => {
  const s = (story = await startStory({ account: { include: ['acme/web-*', 'acme-group/shop'], exclude: ['acme/web-old'] } }))
  for (const path of ['web-shop', 'web-old', 'shop', 'tools']) await s.gitlab.addProject({ namespace: s.acme, path })
  await s.sweep()
  expect(await names()).toEqual(['acme/web-shop'])

  s.gitlab.renameGroup(s.acme, 'acme-group')
  await s.gitlab.addProject({ namespace: s.acme, path: 'web-new' })
  await s.sweep()

  expect(await names()).toEqual(['acme-group/shop', 'acme-group/web-new', 'acme-group/web-shop'])
})

test('a repository transferred out of a renamed group is removed after a day, one that only the listing lacks is not', async () => {
  const s = await startImported()
  const tools = await s.project('tools', ['SHOP-2 tools'])
  await s.sweep()
  const { group } = await addStranger('other')
  s.gitlab.transfer(s.shop, group)
  const lacking = { status: 200, headers: { 'content-type': 'application/json' }, body: [] }
  s.gitlab.faults.add({ match: { path: /\/groups\/\d+\/projects/ }, answer: lacking, times: 2 })

  await s.sweep()
  s.clock.advance(DAY_MS + HOUR_MS)
  // Renamed while the sweep is on: it begins with the path of before.
  s.gitlab.renameGroup(s.acme, 'acme-group')
  const before = { id: s.acme.id, full_path: 'acme' }
  s.gitlab.faults.add({ match: { path: /\/groups\/\d+\?/ }, answer: { ...lacking, body: before } })
  await s.sweep()

  expect(await s.stored(tools)).toMatchObject({ missing: true })
  expect(await names()).toEqual(['acme/tools'])
  await s.sweep()
  expect(await s.stored(tools)).toMatchObject({ missing: false, name: 'acme-group/tools' })
})

test('a group that is gone is said to be so, with a way out; nothing is removed, and no other is taken', async () => {
  const s = await startImported()

  await s.gitlab.deleteGroup(s.acme)
  await addStranger('acme', 'shop')
  for (let day = 0; day < 3; day += 1) {
    s.clock.advance(DAY_MS + HOUR_MS)
    await s.sweep()
    // The proof finds it missing, and asks for a sweep.
    await prove()
    s.clock.advance(6 * MINUTE_MS)
    await s.settle()
    await s.sync(s.shop)
  }

  const gone = await account()
  expect(gone).toMatchObject({ state: 'degraded', problem: { code: 'owner-gone' } })
  expect(gone?.problem?.message).toContain(`group acme (id ${s.acme.id})`)
  expect(gone?.problem?.remedy).toContain('nothing is removed')
  expect(await names()).toEqual(['acme/shop'])
  expect(await s.commits(s.shop)).toEqual(['SHOP-1 begin'])
  expect(s.shown('SHOP-1')).not.toBeNull()
})

test('a group that was only hidden from the token goes on where it was', async () => {
  const s = await startImported()
  s.acme.members.delete(s.maintainer.id)
  await s.sweep()
  expect(await account()).toMatchObject({ state: 'degraded', problem: { code: 'owner-gone' } })

  s.gitlab.addMember(s.acme, s.maintainer, 'maintainer')
  await s.push(s.shop, 'main', ['SHOP-2 meanwhile'])
  await s.sweep()

  expect(await account()).toMatchObject({ state: 'ok', problem: null })
  expect(await s.commits(s.shop)).toEqual(['SHOP-1 begin', 'SHOP-2 meanwhile'])
})

test('an owner that the administrator changes is looked up anew; a restart alone changes nothing', async () => {
  const s = await startImported()
  const { group } = await addStranger('other', 'site')
  s.gitlab.renameGroup(s.acme, 'acme-group')
  const declare = (owner: string) => declareAccounts(s.app, [toAccountSettings('acme', { url: s.gitlab.url, owner })])

  await declare('acme')
  s.clock.advance(HOUR_MS)
  await s.sweep()
  expect(await names()).toEqual(['acme-group/shop'])

  await declare('other')
  expect((await account())?.resolvedOwner).toBeNull()
  await s.sweep()
  expect(await account()).toMatchObject({ owner: 'other', resolvedOwner: { hostId: String(group.id), path: 'other' } })
  expect(await names()).toEqual(['acme-group/shop', 'other/site'])
  s.clock.advance(DAY_MS + HOUR_MS)
  await s.sweep()
  expect(await names()).toEqual(['other/site'])

  await declare('acme-group')
  await s.sweep()
  expect(await account()).toMatchObject({ resolvedOwner: { hostId: String(s.acme.id), path: 'acme-group' } })
})
