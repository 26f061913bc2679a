import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountId, hostId, issueKey, repositoryId } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import {
  accountSettings,
  addRepository,
  at,
  commit,
  keys,
  listedRepository,
  listIssues,
  pullRequest,
  saveWebhook,
  shaOf,
} from '../test-rows.ts'
import {
  deleteAccount,
  findAccount,
  findSealedSecrets,
  listAccounts,
  saveAccount,
  setAccountState,
  setNextSweep,
  setSealedSecrets,
  setSwept,
} from './accounts.ts'
import { readAccountDetails } from '../views/account-details.ts'
import { replaceBranches, replaceKeptHeads } from './branches.ts'
import { prepareCommits, saveCommits } from './commits.ts'
import { deleteRepository, deleteRepositoryData } from './delete-repository.ts'
import { savePullRequests } from './pull-requests.ts'
import {
  findRepository,
  findRepositoryByHostId,
  listKnownRepositories,
  listRepositories,
  listRepositoryAddresses,
  markMissing,
  renewMissing,
  saveListedRepository,
  setRepositoryAttributes,
  setRepositorySettings,
} from './repositories.ts'
import { beginSync, endSync } from './sync-state.ts'
import { saveProjectHook } from './hooks.ts'
import { findWebhook, setWebhookOutcome } from './webhook-deliveries.ts'

const ACME = accountId('acme')

describe.each(KINDS)('accounts and repositories on %s', (kind) => {
  let place: TestPlace
  let db: Database

  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
  })
  beforeEach(() =>
    db.write('interactive', async (tx) => {
      for (const table of ['accounts', 'repositories', 'issues', 'syncs', 'webhook_deliveries'] as const)
        await tx.deleteFrom(table).execute()
    }),
  )
  afterAll(() => place.remove())

  const add = (id: number, account = ACME) => db.write('background', (tx) => addRepository(tx, account, id))
  const list = (id: number, more: Parameters<typeof listedRepository>[1] = {}) =>
    db.write('background', (tx) =>
      saveListedRepository(tx, listedRepository(id, more), { accountId: ACME, linked: false, smartCommits: false }),
    )

  describe('accounts', () => {
    const save = (id: string, more: Parameters<typeof accountSettings>[1] = {}) =>
      db.write('interactive', (tx) => saveAccount(tx, accountSettings(id, more), {}, at(0)))

    test('an account comes back as it was saved', async () => {
      const settings = accountSettings('acme', {
        include: ['a/**'],
        exclude: ['b'],
        jiraProjects: ['SHOP'],
        owner: null,
        autoLink: false,
      })
      await db.write('interactive', (tx) => saveAccount(tx, settings, {}, at(0)))

      expect(await findAccount(db.read, ACME)).toEqual({
        ...settings,
        resolvedOwner: null,
        state: 'ok',
        problem: null,
        sweptAt: null,
        nextSweepAt: null,
      })
      expect(await findAccount(db.read, accountId('nobody'))).toBeNull()
    })

    test('saving it again changes its settings and keeps its state, secrets and marks', async () => {
      const problem = { code: 'credentials-refused', message: 'no', remedy: 'new token' }
      await db.write('interactive', async (tx) => {
        await saveAccount(tx, accountSettings('acme'), { token: 'sealed' }, at(0))
        await setAccountState(tx, ACME, 'needs-sign-in', problem)
        await setSwept(tx, ACME, at(1))
        await setNextSweep(tx, ACME, at(2))
      })

      await save('acme', { name: 'Acme', autoLink: false })

      expect(await findAccount(db.read, ACME)).toMatchObject({
        name: 'Acme',
        autoLink: false,
        state: 'needs-sign-in',
        problem,
        sweptAt: new Date(at(1)),
        nextSweepAt: new Date(at(2)),
      })
      expect(await findSealedSecrets(db.read, ACME)).toEqual({ token: 'sealed', webhookAdminToken: null, webhookSecret: null })
    })

    test('secrets that are not given stay, null takes them away', async () => {
      await db.write('interactive', async (tx) => {
        await saveAccount(tx, accountSettings('acme'), { token: 'a', webhookAdminToken: 'b', webhookSecret: 'c' }, at(0))
        await setSealedSecrets(tx, ACME, { webhookAdminToken: null, webhookSecret: 'd' })
      })

      expect(await findSealedSecrets(db.read, ACME)).toEqual({ token: 'a', webhookAdminToken: null, webhookSecret: 'd' })
      expect(await findSealedSecrets(db.read, accountId('nobody'))).toBeNull()
    })

    test('accounts are listed by name, ignoring case', async () => {
      for (const [id, name] of [
        ['1', 'beta'],
        ['2', 'Alpha'],
        ['3', 'alpha'],
      ] as const)
        await save(id, { name })

      expect((await listAccounts(db.read)).map(({ id }) => id)).toEqual(['2', '3', '1'])
    })

    test('a deleted account takes its webhooks with it, and no others', async () => {
      for (const id of ['acme', 'beta']) {
        await save(id)
        await db.write('webhook', (tx) =>
          saveWebhook(tx, {
            accountId: accountId(id),
            deliveryId: '1',
            event: 'Push Hook',
            receivedAt: at(0),
            body: '{}',
            headers: {},
          }),
        )
      }

      await db.write('interactive', (tx) => deleteAccount(tx, ACME))

      expect((await listAccounts(db.read)).map(({ id }) => id)).toEqual(['beta'])
      const left = await db.read.selectFrom('webhook_deliveries').select('account_id').execute()
      expect(left).toEqual([{ account_id: 'beta' }])
    })
  })

  describe('webhook deliveries', () => {
    const webhook = {
      accountId: ACME,
      deliveryId: 'one',
      event: 'Push Hook',
      receivedAt: at(0),
      body: '{"a":1}',
      headers: { 'user-agent': 'GitLab' },
    }
    const save = (more: Partial<typeof webhook> = {}) => db.write('webhook', (tx) => saveWebhook(tx, { ...webhook, ...more }))

    test('the same delivery of the same account is stored once', async () => {
      const id = await save()

      expect(id).toEqual(expect.any(Number))
      expect(await save({ body: 'other' })).toBeNull()
      expect(await save({ accountId: accountId('beta') })).toEqual(expect.any(Number))
      expect(await findWebhook(db.read, id ?? 0)).toEqual({
        id,
        accountId: ACME,
        event: 'Push Hook',
        body: '{"a":1}',
        headers: { 'user-agent': 'GitLab' },
      })
      expect(await findWebhook(db.read, 999_999)).toBeNull()
    })

    test('its outcome is kept, with every try counted', async () => {
      const id = (await save()) ?? 0
      const problem = { code: 'unexpected-answer', message: 'no', remedy: null }

      await db.write('interactive', (tx) => setWebhookOutcome(tx, id, { state: 'failed', problem, now: at(1) }))
      await db.write('interactive', (tx) => setWebhookOutcome(tx, id, { state: 'done', problem: null, now: at(1) }))

      const row = await db.read.selectFrom('webhook_deliveries').select(['state', 'attempts', 'error']).executeTakeFirstOrThrow()
      expect(row).toEqual({ state: 'done', attempts: 2, error: null })
    })

    test('many that arrive at once are all stored, each once', async () => {
      const ids = await Promise.all(Array.from({ length: 50 }, (_, index) => save({ deliveryId: String(index % 25) })))

      expect(ids.filter((id) => id !== null)).toHaveLength(25)
    })
  })

  describe('repositories', () => {
    test('a listed repository is created with the defaults and updated without them', async () => {
      const id = await add(1)
      await list(1, { path: 'acme/renamed', archived: true, gitEnabled: false, lastActivityAt: null, forkOf: hostId('7') })

      expect(await findRepository(db.read, id)).toMatchObject({
        hostId: '1',
        name: 'acme/renamed',
        archived: true,
        gitEnabled: false,
        linked: true,
        smartCommits: true,
        historyComplete: false,
        sync: { state: 'idle' },
        webhook: { state: 'off', reason: null },
      })
      expect((await findRepositoryByHostId(db.read, ACME, hostId('1')))?.id).toBe(id)
      expect(await findRepositoryByHostId(db.read, accountId('beta'), hostId('1'))).toBeNull()
    })

    test.each(['0', '-1', '1.5', 'abc', '99999999999999999999', ''])('%j is no id and finds nothing', async (id) => {
      expect(await findRepository(db.read, repositoryId(id))).toBeNull()
    })

    test('missing from its first absence, until it is listed again', async () => {
      const id = await add(1)
      const since = async () => (await listKnownRepositories(db.read, ACME))[0]?.missingSince
      for (const minute of [5, 9]) await db.write('background', (tx) => markMissing(tx, id, at(minute)))
      expect(await since()).toBe(at(5))
      await db.write('background', (tx) => renewMissing(tx, id, at(20)))
      expect(await since()).toBe(at(20))

      await list(1)

      expect(await since()).toBeNull()
    })

    test('what a sweep compares: activity, features, whether it ever went well', async () => {
      const id = await add(1)
      const known = async () => (await listKnownRepositories(db.read, ACME))[0]
      expect(await known()).toEqual({
        id,
        hostId: '1',
        name: 'acme/repository-1',
        linked: true,
        hostActivityAt: at(0),
        gitEnabled: true,
        pullRequestsEnabled: true,
        missingSince: null,
        neverSynced: true,
        failing: false,
        webhookState: 'off',
        webhookCheckedAt: null,
        webhookGeneration: null,
        webhookUrl: null,
        ranAt: null,
        runsLookedAt: null,
        syncStartedAt: null,
        leftOut: false,
      })

      const progress = { commits: 0, branches: 0, pullRequests: 0, issues: 0 }
      await db.write('background', async (tx) => {
        const { entry } = await beginSync(tx, id, { trigger: 'test', now: at(1) })
        await endSync(tx, id, { entry, outcome: { kind: 'done' }, progress, now: at(2) })
      })
      expect(await known()).toMatchObject({ neverSynced: false, failing: false })
      await db.write('background', async (tx) => {
        const { entry } = await beginSync(tx, id, { trigger: 'test', now: at(1) })
        const problem = { code: 'x', message: 'x', remedy: null }
        await endSync(tx, id, { entry, outcome: { kind: 'paused', problem, until: null }, progress, now: at(2) })
      })
      expect(await known()).toMatchObject({ neverSynced: false, failing: true })
    })

    test('settings change one by one', async () => {
      const id = await add(1)
      const set = (settings: Parameters<typeof setRepositorySettings>[2]) =>
        db.write('interactive', (tx) => setRepositorySettings(tx, id, settings))

      await set({ linked: false })
      expect(await findRepository(db.read, id)).toMatchObject({ linked: false, smartCommits: true })
      await set({ smartCommits: false })
      await set({})
      expect(await findRepository(db.read, id)).toMatchObject({ linked: false, smartCommits: false })
      await db.write('interactive', (tx) => saveProjectHook(tx, id, { state: 'broken', reason: 'why', generation: null }))
      await db.write('interactive', (tx) =>
        setRepositoryAttributes(tx, id, listedRepository(1, { path: 'a/b', webUrl: 'https://x/a/b' })),
      )
      expect(await findRepository(db.read, id)).toMatchObject({
        name: 'a/b',
        url: 'https://x/a/b',
        webhook: { state: 'broken', reason: 'why' },
      })
    })

    test('they are listed by id, by account, by part of the name and by state', async () => {
      const first = await add(1)
      const second = await add(2)
      await add(3, accountId('beta'))
      await list(2, { path: 'acme/100%_Ärger' })
      const names = async (query: Partial<Parameters<typeof listRepositories>[1]>) =>
        (await listRepositories(db.read, { limit: 10, ...query })).map(({ hostId: id }) => id)

      expect(await names({})).toEqual(['1', '2', '3'])
      expect(await names({ after: { sort: 'id', id: Number(first) }, limit: 1 })).toEqual(['2'])
      expect(await names({ linked: false })).toEqual([])
      await db.write('background', (tx) =>
        tx.updateTable('repositories').set({ last_activity_at: 5 }).where('id', '=', Number(second)).execute(),
      )
      const byName = await names({ sort: 'name' })
      const paths = (await listRepositories(db.read, { limit: 10, sort: 'name' })).map(({ name, id }) => ({
        name,
        id: Number(id),
      }))
      expect(await names({ sort: 'name', after: { sort: 'name', ...(paths[0] ?? { name: '', id: 0 }) } })).toEqual(
        byName.slice(1),
      )
      expect(await names({ sort: 'activity' })).toEqual(['2', '3', '1'])
      expect(await names({ sort: 'activity', after: { sort: 'activity', at: 5, id: Number(second) } })).toEqual(['3', '1'])
      expect(await names({ accountId: accountId('beta') })).toEqual(['3'])
      expect(await names({ text: 'REPOSITORY' })).toEqual(['1', '3'])
      expect(await names({ text: '100%_' })).toEqual(['2'])
      expect(await names({ text: '%' })).toEqual(['2'])
      expect(await names({ text: String.raw`\ ` })).toEqual([])
      expect(await names({ state: 'idle' })).toEqual(['1', '2', '3'])
      expect(await names({ state: 'failing' })).toEqual([])
      await db.write('background', (tx) =>
        tx.updateTable('repositories').set({ sync_error: '{}' }).where('id', '=', Number(second)).execute(),
      )
      expect(await names({ state: 'failing' })).toEqual(['2'])
    })

    test('an account counts what is listed and what is linked', async () => {
      await add(1)
      const missing = await add(2)
      await list(3)
      await db.write('background', (tx) => markMissing(tx, missing, at(1)))

      expect((await readAccountDetails(db.read)).get(accountId('acme'))?.repositories).toMatchObject({ total: 2, linked: 1 })
    })

    test('addresses for links come sorted by name', async () => {
      const ids = [await add(2), await add(1)].map(Number)

      expect((await listRepositoryAddresses(db.read, ids)).map(({ name, host }) => `${host} ${name}`)).toEqual([
        'gitlab acme/repository-1',
        'gitlab acme/repository-2',
      ])
      expect(await listRepositoryAddresses(db.read, [])).toEqual([])
    })

    test('deleting one takes everything of it in pieces, marks its issues, and leaves the others', async () => {
      const [gone, kept] = [await add(1), await add(2)]
      for (const id of [gone, kept]) {
        await db.write('background', async (tx) => {
          const commits = Array.from({ length: 5 }, (_, number) => commit(number + 1, [`SHOP-${id}`]))
          await saveCommits(tx, prepareCommits({ repositoryId: id, generation: 1, commits, rekey: false }), at(10))
          const branches = [{ name: 'topic', head: shaOf(1), headAt: at(1), keys: keys(`PAY-${id}`) }]
          await replaceBranches(tx, id, { branches, dueAt: at(10) })
          await replaceKeptHeads(tx, id, new Map([[1, shaOf(9)]]))
          await savePullRequests(tx, {
            repositoryId: id,
            generation: 1,
            pullRequests: [pullRequest(1, [`OPS-${id}`])],
            dueAt: at(10),
          })
          await beginSync(tx, id, { trigger: 'test', now: at(1) })
        })
      }
      await db.write('background', (tx) => tx.updateTable('issues').set({ state: 'clean', due_at: null, version: 1 }).execute())

      for (let deleted = 1; deleted > 0;) {
        deleted = await db.write('background', (tx) => deleteRepositoryData(tx, gone, { limit: 2, dueAt: at(90) }))
      }
      await db.write('background', (tx) => deleteRepository(tx, gone))

      expect(await findRepository(db.read, gone)).toBeNull()
      for (const table of ['commits', 'branches', 'branch_keys', 'kept_heads', 'pull_requests', 'syncs'] as const) {
        const rows = await db.read.selectFrom(table).select('repository_id').distinct().execute()
        expect({ table, rows }).toEqual({ table, rows: [{ repository_id: Number(kept) }] })
      }
      const named = ['SHOP', 'PAY', 'OPS'].map((project) => issueKey(`${project}-${gone}`))
      const dirty = (await listIssues(db.read))
        .filter((issue) => issue.includes('dirty'))
        .map((issue) => issue.split(' ', 1).join(''))
      expect(dirty.toSorted()).toEqual(named.toSorted())
    })
  })
})
