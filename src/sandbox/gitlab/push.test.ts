import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Project } from './model.ts'
import { fillRepository, startTestGitLab, type TestGitLab } from './test-setup.ts'
import { fastImport } from '../fast-import.ts'

const HOUR_MS = 3_600_000
let test: TestGitLab

beforeEach(async () => {
  test = await startTestGitLab()
  const events = { push_events: true, tag_push_events: true, merge_requests_events: true }
  // Nobody listens there: what matters is what is sent.
  await test.call(`/projects/${test.shop.id}/hooks`, { method: 'POST', body: { url: 'http://127.0.0.1:9/', ...events } })
  test.gitlab.features.hookDisabling = false
})
afterEach(() => test.dispose())

/** Points refs somewhere as a push of the maintainer would. */
async function push(refs: Readonly<Record<string, string | null>>, project: Project = test.shop): Promise<void> {
  const lines = Object.entries(refs).map(([ref, to]) => (to === null ? `delete ${ref}` : `update ${ref} ${to}`))
  await test.gitlab.git(project, ['update-ref', '--stdin'], `${lines.join('\n')}\n`)
  await test.gitlab.noticePush(project, test.maintainer)
  await test.gitlab.settle()
}

async function commits(branch: string, count: number): Promise<void> {
  const from = test.shop.refs.get('refs/heads/main') ?? ''
  const author = { name: 'Ann Ember', email: 'ann@example.com' }
  const entries = Array.from({ length: count }, (_, index) => ({
    kind: 'commit' as const,
    ref: `refs/heads/${branch}`,
    mark: index + 1,
    parents: index === 0 ? [from] : [index],
    author,
    authoredAt: test.clock.now(),
    message: `step ${index + 1}`,
    files: [{ path: 'steps.txt', content: `${index}\n` }],
  }))
  await fastImport({ folder: test.shop.folder, env: process.env, entries })
  await test.gitlab.noticePush(test.shop, test.maintainer)
  await test.gitlab.settle()
}

const head = () => test.shop.refs.get('refs/heads/main') ?? ''
const parent = async () => test.gitlab.git(test.shop, ['rev-parse', `${head()}^`])
const refsOf = (sent: readonly Readonly<Record<string, unknown>>[]) =>
  sent.map(({ ref }) => String(ref)).toSorted((a, b) => a.localeCompare(b))
const bodies = () => test.gitlab.deliveredHooks.map(({ body }) => body)

it('moves the activity stamp at most once an hour', async () => {
  const start = test.shop.lastActivityAt.getTime()

  test.clock.advance(HOUR_MS - 1)
  await push({ 'refs/heads/a': head() })
  const early = test.shop.lastActivityAt.getTime()
  test.clock.advance(1)
  await push({ 'refs/heads/b': head() })

  expect(early).toBe(start)
  expect(test.shop.lastActivityAt.getTime()).toBe(start + HOUR_MS)
  expect(test.shop.updatedAt.getTime()).toBe(start + HOUR_MS)
})

it('does not move the stamp for pipelines and deployments', async () => {
  test.clock.advance(5 * HOUR_MS)
  const environment = test.gitlab.addEnvironment(test.shop, { name: 'staging', tier: 'staging' })

  test.gitlab.addPipeline(test.shop, { ref: 'main' })
  test.gitlab.addDeployment(test.shop, { environment, ref: 'main' })

  expect(test.shop.lastActivityAt.getTime()).toBe(test.clock.now().getTime() - 5 * HOUR_MS)
})

it('fires one hook a ref up to three, none above, for each kind and action apart', async () => {
  await push({ 'refs/heads/a': head(), 'refs/heads/b': head(), 'refs/heads/c': head(), 'refs/tags/v1': head() })
  const three = refsOf(bodies())
  await push({
    'refs/heads/d': head(),
    'refs/heads/e': head(),
    'refs/heads/f': head(),
    'refs/heads/g': head(),
    'refs/heads/a': await parent(),
    'refs/heads/b': null,
  })

  expect(three).toEqual(['refs/heads/a', 'refs/heads/b', 'refs/heads/c', 'refs/tags/v1'])
  expect(refsOf(bodies().slice(4))).toEqual(['refs/heads/a', 'refs/heads/b'])
})

it('tells system hooks about every push once, whatever its size, without commits', async () => {
  const admin = test.gitlab.createToken({ user: test.gitlab.addUser({ username: 'root', admin: true }) })
  const body = { url: 'http://127.0.0.1:9/', push_events: true, repository_update_events: true }
  await test.call('/hooks', { method: 'POST', token: admin.value, body })

  await push({ 'refs/heads/a': head(), 'refs/heads/b': head(), 'refs/heads/c': head(), 'refs/heads/d': head() })

  expect(bodies()).toMatchObject([
    {
      event_name: 'repository_update',
      project_id: test.shop.id,
      refs: ['refs/heads/a', 'refs/heads/b', 'refs/heads/c', 'refs/heads/d'],
    },
  ])
  expect(test.gitlab.deliveredHooks[0]?.requestHeaders['X-Gitlab-Event']).toBe('System Hook')
})

it('carries the newest 20 commits, oldest first, and the real number', async () => {
  await commits('long', 25)

  const [body] = bodies()
  expect(body).toMatchObject({ ref: 'refs/heads/long', before: '0'.repeat(40), total_commits_count: 25 })
  const titles = ((body ?? {})['commits'] as { title: string }[]).map(({ title }) => title)
  expect([titles.length, titles[0], titles.at(-1)]).toEqual([20, 'step 6', 'step 25'])
})

it('marks a deletion by zeros and nothing to check out', async () => {
  await push({ 'refs/heads/a': head() })
  await push({ 'refs/heads/a': null })

  expect(bodies()[1]).toMatchObject({
    ref: 'refs/heads/a',
    before: head(),
    after: '0'.repeat(40),
    checkout_sha: null,
    commits: [],
    total_commits_count: 0,
  })
})

it('tells the commit and the message of an annotated tag', async () => {
  const tag = await test.gitlab.git(
    test.shop,
    ['mktag'],
    `object ${head()}\ntype commit\ntag v2\ntagger Ann <ann@example.com> 1700000000 +0000\n\nSecond\n`,
  )

  await push({ 'refs/tags/v2': tag })

  expect(bodies()).toMatchObject([
    { object_kind: 'tag_push', after: tag, checkout_sha: head(), message: 'Second', ref: 'refs/tags/v2' },
  ])
})

it('moves open merge requests with their branch, keeps their head ref and tells the former head', async () => {
  await fillRepository(test.gitlab, test.shop, 1, 'topic', head())
  const request = await test.gitlab.openMergeRequest(test.shop, {
    author: test.maintainer,
    title: 'SHOP-7 Badge',
    sourceBranch: 'topic',
  })
  const first = request.sha
  test.clock.advance(60_000)

  await push({ 'refs/heads/topic': head() })

  expect(request).toMatchObject({ sha: head(), updatedAt: test.clock.now() })
  expect(await test.gitlab.git(test.shop, ['rev-parse', 'refs/merge-requests/1/head'])).toBe(head())
  const updates = bodies().filter((body) => (body['object_attributes'] as { action?: string } | undefined)?.action === 'update')
  expect(updates).toMatchObject([
    { object_kind: 'merge_request', object_attributes: { oldrev: first, last_commit: { id: head() } } },
  ])
})

it('closes a merge request whose branch is removed and notices one merged by hand; both keep their head', async () => {
  await fillRepository(test.gitlab, test.shop, 1, 'gone', head())
  await fillRepository(test.gitlab, test.shop, 1, 'taken', head())
  const gone = await test.gitlab.openMergeRequest(test.shop, { author: test.maintainer, title: 'Gone', sourceBranch: 'gone' })
  const taken = await test.gitlab.openMergeRequest(test.shop, { author: test.maintainer, title: 'Taken', sourceBranch: 'taken' })

  await push({ 'refs/heads/gone': null, 'refs/heads/main': taken.sha })

  expect([gone.state, taken.state]).toEqual(['closed', 'merged'])
  expect(await test.gitlab.git(test.shop, ['rev-parse', 'refs/merge-requests/1/head'])).toBe(gone.sha)
})

it('makes the first branch of an empty repository its default branch', async () => {
  const empty = await test.gitlab.addProject({ namespace: 'acme', path: 'empty' })
  await fastImport({
    folder: empty.folder,
    env: process.env,
    entries: [
      {
        kind: 'commit',
        ref: 'refs/heads/trunk',
        parents: [],
        author: { name: 'A', email: 'a@example.com' },
        authoredAt: test.clock.now(),
        message: 'x',
      },
    ],
  })

  await test.gitlab.noticePush(empty, test.maintainer)

  expect(empty.defaultBranch).toBe('trunk')
  expect(await test.gitlab.git(empty, ['symbolic-ref', 'HEAD'])).toBe('refs/heads/trunk')
})
