import { afterEach, expect, test } from 'vitest'
import { findAccountDeletion } from '../../db/stores/account-deletion.ts'
import { findAccount, saveAccount } from '../../db/stores/accounts.ts'
import { countIssuesToDeliver } from '../../db/stores/issues.ts'
import { readDeletionPreview } from '../../db/views/deletion-preview.ts'
import { KINDS } from '../../db/test-database.ts'
import { accountId } from '../../domain/ids.ts'
import { HOUR_MS, MINUTE_MS } from '../test-clock.ts'
import { toAccountSettings } from '../test-connector.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'
import { continueDeletion, requestAccountDeletion } from './delete-account.ts'

const acme = accountId('acme')
const EVERYTHING = { removeHooks: true, removeFromJira: true }

let story: Story | null = null
afterEach(async () => {
  await story?.close()
  story = null
})

/** Repositories that were not read yet, and issues that are to be written. */
async function countWaiting({ app }: Story): Promise<number> {
  const repositories = await app.db.read.selectFrom('repositories').select('id').where('sync_finished_at', 'is', null).execute()
  return repositories.length + (await countIssuesToDeliver(app.db.read))
}

/** Two accounts at one GitLab: `acme`, and `twin` which lists the same group. */
async function start(options: StoryOptions = {}): Promise<Story> {
  story = await startStory({
    account: { managedBy: 'browser' },
    more: ({ gitlab }) => [
      {
        settings: toAccountSettings('twin', { url: gitlab.url, owner: 'acme', include: ['acme/shop'] }),
        token: 'glpat-story',
      },
    ],
    ...options,
  })
  return story
}

const issueKeys = async (s: Story) =>
  (await s.app.db.read.selectFrom('issues').select('issue_key').orderBy('issue_key').execute()).map((row) => row.issue_key)

test('what only this account told of goes from Jira, what others tell of stays', async () => {
  const s = await start()
  await s.project('shop', ['SHOP-1 both'])
  await s.project('other', ['SHOP-2 alone', 'SHOP-1 here'])
  await s.sweep()
  await s.sweep('twin')
  expect(await readDeletionPreview(s.app.db.read, acme)).toMatchObject({
    repositories: 2,
    commits: 3,
    branches: 2,
    issues: 2,
    hooks: 0,
  })

  await requestAccountDeletion(s.app, acme, EVERYTHING)
  await s.settle()

  expect(await findAccount(s.app.db.read, acme)).toBeNull()
  expect(s.shown('SHOP-2')).toBeNull()
  expect(s.shown('SHOP-1')?.commits).toEqual(['SHOP-1 both'])
})

test.each(KINDS)(
  'on %s what Jira has may stay as it is, until something new is told of it',
  async (kind) => {
    const s = await start({ kind })
    const shop = await s.project('shop', ['SHOP-1 both'])
    await s.project('other', ['SHOP-2 alone', 'SHOP-1 here'])
    for (const account of ['acme', 'twin']) await s.sweep(account)
    // Both accounts have the commit of `shop`, which is shown once.
    await expect.poll(() => s.shown('SHOP-1')?.commits.length, { timeout: 30_000 }).toBe(2)
    await expect.poll(() => s.shown('SHOP-2')?.commits, { timeout: 30_000 }).toEqual(['SHOP-2 alone'])
    // What one account has is shown before the other has read it, which is written once more.
    await expect.poll(() => countWaiting(s), { timeout: 30_000 }).toBe(0)
    s.jira.forgetRequests()

    await requestAccountDeletion(s.app, acme, { removeHooks: true, removeFromJira: false })
    await expect.poll(() => findAccount(s.app.db.read, acme), { timeout: 30_000 }).toBeNull()
    // Another library's queue runs by the real clock.
    if (kind === 'sqlite') s.clock.advance(HOUR_MS)
    await s.settle()

    expect(s.jira.writes()).toMatchObject({ properties: 0, propertiesDeleted: 0 })
    expect(await issueKeys(s)).toEqual(['SHOP-1'])
    await s.push(shop, 'main', ['SHOP-1 news'])
    await s.sweep('twin')
    await expect.poll(() => s.shown('SHOP-1')?.commits, { timeout: 30_000 }).toEqual(['SHOP-1 both', 'SHOP-1 news'])
  },
  90_000,
)

test('a deletion that broke off in the middle goes on where it was', async () => {
  const s = await start()
  await s.project('shop', ['SHOP-1 both'])
  await s.project('other', ['SHOP-2 alone'])
  await s.sweep()
  const stopped = new AbortController()
  await s.app.db.write('interactive', (tx) => tx.updateTable('accounts').set({ deleting: 0 }).execute())
  await requestAccountDeletion(s.app, acme, EVERYTHING)
  await s.app.db.write('interactive', (tx) => s.app.jobs.cancel(tx, 'delete:acme'))
  await s.settle()
  if ((await findAccount(s.app.db.read, acme)) !== null) {
    stopped.abort(new Error('killed'))
    await expect(continueDeletion(s.app, { accountId: acme, attempt: 1 }, stopped.signal)).rejects.toThrow('killed')
    expect(await findAccountDeletion(s.app.db.read, acme)).toMatchObject({ total: 2, problem: null })
    await requestAccountDeletion(s.app, acme, EVERYTHING)
    await s.settle()
  }

  expect(await findAccount(s.app.db.read, acme)).toBeNull()
  expect(s.shown('SHOP-2')).toBeNull()
  await continueDeletion(s.app, { accountId: acme, attempt: 1 }, s.signal)
})

test('an account that the configuration file has again is not deleted any further', async () => {
  const s = await start()
  await s.project('shop', ['SHOP-1 both'])
  await s.sweep()
  await s.app.db.write('interactive', async (tx) => {
    await tx.updateTable('accounts').set({ deleting: 1 }).where('id', '=', 'acme').execute()
    await saveAccount(tx, toAccountSettings('acme', { url: s.gitlab.url, owner: 'acme' }), {}, 0)
  })

  await continueDeletion(s.app, { accountId: acme, attempt: 1 }, s.signal)

  expect(await findAccount(s.app.db.read, acme)).not.toBeNull()
})

test('a host that does not answer is waited for, told of, and given up in the end', async () => {
  const s = await start({ account: { managedBy: 'browser', webhooks: 'project' } })
  await s.project('shop', ['SHOP-1 both'])
  await s.sweep()
  const restore = s.gitlab.faults.add({ match: { path: /hooks/ }, answer: { status: 503 }, times: 10_000 })
  await requestAccountDeletion(s.app, acme, EVERYTHING)
  await expect
    .poll(async () => (await findAccountDeletion(s.app.db.read, acme))?.problem?.code, { timeout: 30_000 })
    .toBe('webhooks-not-removed')

  await continueDeletion(s.app, { accountId: acme, attempt: 9 }, s.signal)

  restore()
  expect(await findAccount(s.app.db.read, acme)).toBeNull()
  s.clock.advance(MINUTE_MS)
  await s.settle()
}, 60_000)
