import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { beginSession, csrfTokenOf } from '../app/identity/sessions.ts'
import { toCommandFingerprints } from '../app/smart-commits/smart-commit-fingerprint.ts'
import { originalRepositoriesSchema, originalRepositorySchema } from '../contract/original-repository.ts'
import { listSchema } from '../contract/page.ts'
import { problemSchema } from '../contract/problem.ts'
import { repositorySchema } from '../contract/repository.ts'
import { smartCommitProfileSchema, smartCommitSchema } from '../contract/smart-commit.ts'
import { beginSync, endSync } from '../db/stores/sync-state.ts'
import { endAction, endSmartCommit } from '../db/stores/smart-commit-progress.ts'
import { findNextSmartCommit, recordSmartCommits, type NewSmartCommit } from '../db/stores/smart-commits.ts'
import { saveJiraUser } from '../db/stores/users.ts'
import { at, shaOf } from '../db/test-rows.ts'
import { accountId, issueKey, type RepositoryId } from '../domain/ids.ts'
import { startTestHttpApp, type SendOptions, type TestAnswer, type TestHttpApp } from './test-http-app.ts'

const PROBLEM = { code: 'jira-refused', message: 'No.', remedy: null }

let t: TestHttpApp
let shop: RepositoryId
beforeEach(async () => {
  t = await startTestHttpApp()
  await t.addAccount({ id: accountId('acme') })
  shop = await t.addRepository({ path: 'acme/shop' })
})
afterEach(() => t.dispose())

const code = (answer: TestAnswer) => problemSchema.parse(answer.json()).code
const author = { name: 'Ann Ember', email: 'ann@example.com' }
const toActions = (number: number): NewSmartCommit['actions'] => {
  const action = { key: issueKey(`SHOP-${number}`), name: 'comment', argument: 'text' }
  const [fingerprint = ''] = toCommandFingerprints({ author, authoredAt: new Date(at(number)) }, [action])
  return [{ ...action, fingerprint }]
}
const commit = (number: number, more: Partial<NewSmartCommit> = {}): NewSmartCommit => ({
  sha: shaOf(number),
  author,
  authoredAt: new Date(at(number)),
  offsetMinutes: 0,
  merge: false,
  lines: `SHOP-${number} #comment text`,
  fingerprint: `whole ${number}`,
  skipped: null,
  actions: toActions(number),
  ...more,
})
const record = (...commits: NewSmartCommit[]) =>
  t.app.db.write('background', (tx) => recordSmartCommits(tx, { repositoryId: shop, syncId: 1, now: at(9), commits }))

async function end(state: 'done' | 'failed', now = t.app.clock.now().getTime()): Promise<void> {
  const found = await findNextSmartCommit(t.app.db.read, shop)
  await t.app.db.write('background', async (tx) => {
    for (const { id } of found?.actions ?? []) {
      const outcome =
        state === 'done'
          ? ({ kind: 'done', summary: 'Commented.', jiraId: '7' } as const)
          : ({ kind: 'failed', problem: PROBLEM } as const)
      await endAction(tx, { id, attempt: 0 }, { end: outcome, now, author: { userKey: 'key of ann', name: 'ann' } })
    }
    await endSmartCommit(tx, found?.id ?? '', { now, reply: false })
  })
}

const list = async (query = '') => {
  const answer = await t.send('GET', `/api/v1/smart-commits${query}`)
  return listSchema(smartCommitSchema.strict()).parse(answer.json())
}

describe('the list', () => {
  test('tells what each commit commanded and what became of it, newest first, page by page', async () => {
    await record(commit(1), commit(2, { skipped: PROBLEM }), commit(3))
    await end('done')

    const first = await list('?limit=2')
    const second = await list(`?limit=2&cursor=${first.next ?? ''}`)

    expect(first.items.map(({ state }) => state)).toEqual(['found', 'skipped'])
    expect(second).toMatchObject({
      next: null,
      items: [
        {
          state: 'done',
          accountId: 'acme',
          repository: { id: shop, name: 'acme/shop' },
          commit: {
            id: shaOf(1),
            displayId: '0000000',
            url: `https://gitlab.example.com/acme/shop/-/commit/${shaOf(1)}`,
            author: { name: 'Ann Ember', email: 'ann@example.com' },
            commands: 'SHOP-1 #comment text',
          },
          actions: [{ issue: 'SHOP-1', command: 'comment', argument: 'text', state: 'done', summary: 'Commented.', user: 'ann' }],
        },
      ],
    })
  })

  test.each([
    ['state=skipped', [2]],
    ['q=SHOP-3', [3]],
    ['account=acme', [3, 2, 1]],
    ['account=other', []],
    ['repository=999', []],
  ])('filters by %s', async (query, numbers) => {
    await record(commit(1), commit(2, { skipped: PROBLEM }), commit(3))

    expect((await list(`?${query}`)).items.map(({ commit: { id } }) => Number(`0x${id}`))).toEqual(numbers)
  })

  test('refuses a state that there is not, and finds no id that is none', async () => {
    expect(code(await t.send('GET', '/api/v1/smart-commits?state=lost'))).toBe('request-invalid')
    for (const id of ['7', 'x', '1e3', '-1']) {
      expect(code(await t.send('GET', `/api/v1/smart-commits/${id}`))).toBe('smart-commit-not-found')
      expect(code(await t.send('POST', `/api/v1/smart-commits/${id}/execute`))).toBe('smart-commit-not-found')
    }
  })
})

describe('executing again', () => {
  test('what was skipped waits, with its job, and tells who asked', async () => {
    await record(commit(1, { skipped: PROBLEM }))
    const [{ id } = { id: '' }] = (await list()).items

    const answer = await t.send('POST', `/api/v1/smart-commits/${id}/execute`)

    expect(answer.status).toBe(202)
    expect(answer.json()).toMatchObject({ state: 'found', problem: null, askedBy: 'the API token of the configuration' })
    const jobs = await t.app.db.read.selectFrom('jobs').select(['name', 'key']).execute()
    expect(jobs).toEqual([{ name: 'execute-smart-commits', key: `smart-commits:${shop}` }])
    expect(code(await t.send('POST', `/api/v1/smart-commits/${id}/execute`))).toBe('smart-commit-not-waiting')
  })

  test('a copy of what was executed is not', async () => {
    await record(commit(1), commit(2, { authoredAt: new Date(at(1)), actions: toActions(1) }))
    await end('done')
    const [{ id } = { id: '' }] = (await list()).items

    expect(code(await t.send('POST', `/api/v1/smart-commits/${id}/execute`))).toBe('smart-commit-executed-already')

    expect((await list('?state=skipped')).items).toHaveLength(1)
  })
})

test('a repository tells how many failed within a week', async () => {
  await record(commit(1), commit(2), commit(3))
  await end('failed')
  await end('done')
  await end('failed', t.app.clock.now().getTime() - 8 * 24 * 3_600_000)

  const errors = async (url: string) => repositorySchema.parse((await t.send('GET', url)).json()).smartCommitErrors
  expect(await errors(`/api/v1/repositories/${shop}`)).toBe(1)
  expect((await t.send('GET', '/api/v1/repositories')).json()).toMatchObject({ items: [{ smartCommitErrors: 1 }] })
})

test("the original connector's address tells the errors of a week in its own shape", async () => {
  const now = t.app.clock.now().getTime()
  await record(commit(1), commit(2), commit(3))
  await end('failed')
  await end('done')
  await end('failed', now - 8 * 24 * 3_600_000)
  await t.app.db.write('background', async (tx) => {
    const { entry } = await beginSync(tx, shop, { trigger: 'webhook', now })
    const progress = { commits: 3, branches: 1, pullRequests: 0, issues: 3 }
    await endSync(tx, shop, { entry, outcome: { kind: 'done' }, progress, now })
    await tx.updateTable('syncs').set({ requests: 7 }).execute()
  })

  const one = originalRepositorySchema.strict().parse((await t.send('GET', `/rest/bitbucket/1.0/repository/${shop}`)).json())
  const all = originalRepositoriesSchema.parse((await t.send('GET', '/rest/bitbucket/1.0/repositories')).json())

  const sha = shaOf(1)
  const commitUrl = `https://gitlab.example.com/acme/shop/-/commit/${sha}`
  expect(one.sync).toMatchObject({
    numRequests: 7,
    webHookSync: true,
    smartCommitErrors: [{ shortChangesetNode: sha.slice(0, 7), commitUrl, error: 'No.' }],
  })
  expect(all.repositories).toEqual([one])
})

test('projects of Jira have levels of trust of their own', async () => {
  expect((await t.send('GET', '/api/v1/smart-commit-trust')).json()).toEqual({ projects: {} })
  const put = (body: unknown) => t.send('PUT', '/api/v1/smart-commit-trust', { body })

  expect((await put({ projects: { SHOP: 'verified', PAY: 'off' } })).status).toBe(200)
  expect(code(await put({ projects: { SHOP: 'some' } }))).toBe('request-invalid')
  expect(code(await put({ projects: { 'shop-1': 'off' } }))).toBe('request-invalid')

  expect((await t.send('GET', '/api/v1/smart-commit-trust')).json()).toEqual({ projects: { SHOP: 'verified', PAY: 'off' } })
})

describe('a person of Jira', () => {
  const asPerson = async (name: string, userKey = `key of ${name}`): Promise<SendOptions> => {
    const value = await t.app.db.write('interactive', async (tx) => {
      const user = await saveJiraUser(tx, { userKey, name, displayName: name, now: 0 })
      return beginSession(t.app, tx, { user, role: 'viewer', userAgent: undefined, replaces: null })
    })
    return { authorization: null, headers: { cookie: `__Secure-jira-dvcs=${value}`, 'x-csrf-token': csrfTokenOf(value) } }
  }
  const profile = async (person: SendOptions) =>
    smartCommitProfileSchema.strict().parse((await t.send('GET', '/api/v1/profile/smart-commits', person)).json())

  test('asks for an address, which has to be confirmed, and sees what was executed for them alone', async () => {
    const ann = await asPerson('ann')
    const eve = await asPerson('eve')
    await record(commit(1), commit(2))
    await end('done')
    const ask = (person: SendOptions, email: string) =>
      t.send('POST', '/api/v1/profile/smart-commits/aliases', { ...person, body: { email } })

    expect((await ask(ann, 'Ann@Home.example')).json()).toMatchObject({ email: 'ann@home.example', user: 'ann', state: 'asked' })
    expect((await ask(ann, 'ann@home.example')).status).toBe(202)
    expect(code(await ask(eve, 'ann@home.example'))).toBe('smart-commit-alias-taken')
    expect(code(await ask(eve, 'no address'))).toBe('request-invalid')

    expect(await profile(ann)).toMatchObject({
      user: 'ann',
      ownToken: null,
      aliases: [{ state: 'asked' }],
      recent: [{ state: 'done' }],
    })
    expect(await profile(eve)).toMatchObject({ aliases: [], recent: [] })
    const path = '/api/v1/profile/smart-commits/aliases/ann@home.example'
    expect(code(await t.send('DELETE', path, eve))).toBe('smart-commit-alias-not-found')
    expect((await t.send('DELETE', path, ann)).status).toBe(204)
    expect((await t.send('GET', '/api/v1/smart-commit-aliases')).json()).toMatchObject({ items: [], next: null })
  })

  test('keeps what is theirs when they are renamed, and whoever gets their name then sees nothing of it', async () => {
    const ann = await asPerson('ann')
    await record(commit(1))
    await end('done')
    const body = { email: 'ann@home.example' }
    await t.send('POST', '/api/v1/profile/smart-commits/aliases', { ...ann, body })

    const renamed = await asPerson('anna', 'key of ann')
    const next = await asPerson('ann', 'key of another ann')

    expect(await profile(renamed)).toMatchObject({ user: 'anna', aliases: [{ state: 'asked' }], recent: [{ state: 'done' }] })
    expect(await profile(next)).toMatchObject({ user: 'ann', aliases: [], recent: [] })
    expect(code(await t.send('POST', '/api/v1/profile/smart-commits/aliases', { ...next, body }))).toBe(
      'smart-commit-alias-taken',
    )
    const path = '/api/v1/profile/smart-commits/aliases/ann@home.example'
    expect(code(await t.send('DELETE', path, next))).toBe('smart-commit-alias-not-found')
  })

  test('asks for twenty addresses at most', async () => {
    const ann = await asPerson('ann')
    const ask = (number: number) =>
      t.send('POST', '/api/v1/profile/smart-commits/aliases', { ...ann, body: { email: `ann${number}@example.com` } })
    for (let number = 0; number < 20; number++) expect((await ask(number)).status).toBe(202)

    expect(code(await ask(20))).toBe('smart-commit-aliases-too-many')
    const page = (await t.send('GET', '/api/v1/smart-commit-aliases?state=asked&limit=15')).json<{
      items: unknown[]
      next: string
    }>()
    expect(page.items).toHaveLength(15)
    const rest = await t.send('GET', `/api/v1/smart-commit-aliases?state=asked&limit=15&cursor=${page.next}`)
    expect(rest.json()).toMatchObject({ next: null, items: { length: 5 } })
  })

  test('is somebody with an account in Jira', async () => {
    expect(code(await t.send('GET', '/api/v1/profile/smart-commits'))).toBe('jira-person-needed')
    expect(code(await t.send('DELETE', '/api/v1/profile/smart-commits/token', await asPerson('ann')))).toBe(
      'smart-commit-token-not-found',
    )
    const answer = await t.send('PUT', '/api/v1/profile/smart-commits/token', {
      ...(await asPerson('ann')),
      body: { token: 'x' },
    })
    expect(code(answer)).toBe('jira-not-connected')
  })
})
