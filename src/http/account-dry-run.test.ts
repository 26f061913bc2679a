import { afterEach, beforeEach, expect, test } from 'vitest'
import { dryRunSchema } from '../contract/dry-run.ts'
import { problemSchema } from '../contract/problem.ts'
import { systemClock } from '../lib/clock.ts'
import { startTestGitLab, type TestGitLab } from '../sandbox/gitlab/test-setup.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

let t: TestHttpApp
let gitlab: TestGitLab
beforeEach(async () => {
  gitlab = await startTestGitLab({ clock: systemClock })
  t = await startTestHttpApp()
})
afterEach(async () => {
  await t.dispose()
  await gitlab.dispose()
})

const body = (more: object = {}) => ({
  id: 'web',
  host: 'gitlab',
  url: gitlab.gitlab.url,
  owner: 'acme',
  token: gitlab.token.value,
  ...more,
})
const send = (more?: object) => t.send('POST', '/api/v1/accounts/dry-run', { body: body(more) })
const dryRun = async (more?: object) => {
  const answer = await send(more)
  expect(answer.status, answer.text).toBe(200)
  return dryRunSchema.strict().parse(answer.json())
}
const rowsOf = async (table: 'accounts' | 'repositories' | 'jobs') =>
  (await t.app.db.read.selectFrom(table).select('id').execute()).length

test('tells what would be linked, which webhooks there would be, and what it would cost; nothing is stored', async () => {
  const acme = gitlab.gitlab.addGroup({ path: 'other', name: 'Other' })
  gitlab.gitlab.addMember(acme, gitlab.maintainer, 'maintainer')
  for (const path of ['one', 'two', 'old']) await gitlab.gitlab.addProject({ namespace: acme, path })

  const result = await dryRun({ owner: 'other', include: ['other/*'], exclude: ['other/old'] })

  expect(result).toMatchObject({
    ok: true,
    repositories: { total: 3, listed: 3, linked: 2 },
    missingRights: [],
    webhooks: { level: 'project', reason: 'Each linked repository gets a webhook of its own.' },
    estimate: { requests: 1 + 2 * 7, minutes: 1 },
  })
  expect(result.repositories.sample.map(({ name, linked }) => [name, linked])).toEqual([
    ['other/one', true],
    ['other/two', true],
    ['other/old', false],
  ])
  expect(await Promise.all((['accounts', 'repositories', 'jobs'] as const).map(rowsOf))).toEqual([0, 0, 0])
})

test('an owner of a group in Premium gets one webhook of the group', async () => {
  gitlab.gitlab.features.tier = 'premium'
  const owner = gitlab.gitlab.addUser({ username: 'olga', name: 'Olga' })
  const group = gitlab.gitlab.addGroup({ path: 'owned', name: 'Owned' })
  gitlab.gitlab.addMember(group, owner, 'owner')
  await gitlab.gitlab.addProject({ namespace: group, path: 'one' })
  const token = gitlab.gitlab.createToken({ user: owner, scopes: ['api'] }).value

  expect(await dryRun({ owner: 'owned', token })).toMatchObject({ webhooks: { level: 'group' }, estimate: { requests: 1 + 5 } })
})

test('a token that only reads is good, and told what it lacks for webhooks', async () => {
  const token = gitlab.gitlab.createToken({ user: gitlab.maintainer, scopes: ['read_api', 'read_repository'] }).value

  const result = await dryRun({ token })

  expect(result.ok).toBe(true)
  expect(result.webhooks?.reason).toContain('lacks the scope api: the repository is polled')
  expect(result.missingRights).toEqual([
    {
      what: 'the role Maintainer and the scope api',
      neededFor: expect.stringContaining('webhooks') as string,
      remedy: expect.stringContaining('webhookAdminToken') as string,
    },
  ])
  expect((await dryRun({ token, webhooks: 'off' })).missingRights).toEqual([])
})

test('more repositories than are listed are counted by the host', async () => {
  const group = gitlab.gitlab.addGroup({ path: 'big', name: 'Big' })
  gitlab.gitlab.addMember(group, gitlab.maintainer, 'maintainer')
  for (let number = 0; number < 1_010; number += 1) await gitlab.gitlab.addProject({ namespace: group, path: `p${number}` })

  const result = await dryRun({ owner: 'big', exclude: ['big/p1*'] })

  expect(result.repositories).toMatchObject({ total: 1_010, listed: 1_000 })
  expect(result.repositories.sample).toHaveLength(50)
}, 120_000)

test.each([
  ['token', { token: 'wrong-token-77' }],
  ['owner', { owner: 'nobody' }],
  ['reachable', { url: 'http://127.0.0.1:9' }],
])('a test that fails at "%s" lists nothing and shows no secret', async (step, more) => {
  const answer = await send(more)

  const result = dryRunSchema.parse(answer.json())
  expect([result.ok, result.steps.at(-1)?.name, result.webhooks, result.estimate]).toEqual([false, step, null, null])
  expect(answer.text + JSON.stringify(t.logged)).not.toContain('wrong-token-77')
})

test('a listing that fails is a failure', async () => {
  gitlab.gitlab.faults.add({ match: { path: /projects\?.*per_page=100/ }, answer: { status: 503 }, times: 20, after: 1 })

  const answer = await send()

  expect([answer.status, problemSchema.parse(answer.json()).code]).toEqual([502, 'host-unavailable'])
})

test('an OAuth application says that somebody has to sign in first', async () => {
  const result = await dryRun({ token: undefined, oauth: { clientId: 'id', clientSecret: 'client-secret-5' } })

  expect([result.ok, result.steps.at(-1)?.name]).toEqual([false, 'token'])
})
