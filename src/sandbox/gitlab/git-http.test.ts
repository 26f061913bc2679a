import { execFile } from 'node:child_process'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runGit, sandboxGitEnvironment } from '../run-git.ts'
import { startReceiver, startTestGitLab, type TestGitLab } from './test-setup.ts'

const run = promisify(execFile)
let test: TestGitLab

beforeEach(async () => {
  test = await startTestGitLab()
})
afterEach(() => test.dispose())

/** Runs git as a client signed in with this token; resolves to what it wrote. */
async function client(args: readonly string[], options: { token?: string | null; folder?: string } = {}): Promise<string> {
  const token = options.token === undefined ? test.token.value : options.token
  const header = `Authorization: Basic ${Buffer.from(`oauth2:${token}`).toString('base64')}`
  const identity: [string, string][] = [
    ['user.name', 'Mia Lang'],
    ['user.email', 'mia@example.com'],
  ]
  const env = sandboxGitEnvironment(
    process.env,
    token === null ? identity : [...identity, [`http.${new URL(test.gitlab.url).origin}.extraHeader`, header]],
  )
  const { stdout, stderr } = await run('git', [...args], { cwd: options.folder ?? test.folder, env })
  return stdout + stderr
}

const remote = () => `${test.gitlab.url}/acme/shop.git`
const copy = () => join(test.folder, 'copy')

it('serves a partial clone without trees', async () => {
  await client(['clone', '--quiet', '--bare', '--filter=tree:0', remote(), copy()])

  const inCopy = { folder: copy(), env: process.env }
  expect(await runGit(['rev-list', '--count', 'main'], inCopy)).toBe('3')
  const missing = await runGit(['rev-list', '--objects', '--missing=print', 'main'], inCopy)
  expect(missing.split('\n').filter((line) => line.startsWith('?'))).toHaveLength(3)
})

it('offers no filter when partial clones are switched off', async () => {
  test.gitlab.features.partialClone = false

  await client(['clone', '--quiet', '--bare', '--filter=tree:0', remote(), copy()])

  const missing = await runGit(['rev-list', '--objects', '--missing=print', 'main'], { folder: copy(), env: process.env })
  expect(missing).not.toContain('?')
})

it('asks for credentials, and refuses wrong ones, expired ones and too narrow ones', async () => {
  const readApi = test.gitlab.createToken({ user: test.maintainer, scopes: ['read_api'] })
  const expired = test.gitlab.createToken({ user: test.maintainer, expiresAt: '2026-11-22' })

  await expect(client(['ls-remote', remote()], { token: null })).rejects.toThrow(/could not read Username/)
  await expect(client(['ls-remote', remote()], { token: 'wrong' })).rejects.toThrow(
    /Authentication failed|could not read Username/,
  )
  await expect(client(['ls-remote', remote()], { token: expired.value })).rejects.toThrow(
    /Authentication failed|could not read Username/,
  )
  await expect(client(['ls-remote', remote()], { token: readApi.value })).rejects.toThrow(/403/)
  const anonymous = await fetch(`${remote()}/info/refs?service=git-upload-pack`)
  expect([anonymous.status, anonymous.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="GitLab"'])
})

it('hides what the token may not see and refuses what it may not do', async () => {
  const stranger = test.gitlab.createToken({ user: test.gitlab.addUser({ username: 'sam' }) })
  const reporter = test.gitlab.createToken({
    project: test.shop,
    role: 'reporter',
    scopes: ['read_repository', 'write_repository'],
  })
  await client(['clone', '--quiet', remote(), copy()])

  await expect(client(['ls-remote', remote()], { token: stranger.value })).rejects.toThrow(/not found/)
  await expect(client(['push', 'origin', 'HEAD:refs/heads/x'], { token: reporter.value, folder: copy() })).rejects.toThrow(/403/)
  test.gitlab.archive(test.shop)
  await expect(client(['push', 'origin', 'HEAD:refs/heads/x'], { folder: copy() })).rejects.toThrow(/403/)
  test.gitlab.setFeature(test.shop, 'repository', 'disabled')
  await expect(client(['ls-remote', remote()])).rejects.toThrow(/403/)
})

it('serves a public project to everyone, without pushes', async () => {
  test.shop.visibility = 'public'

  await client(['clone', '--quiet', remote(), copy()], { token: null })

  await expect(client(['push', 'origin', 'HEAD:refs/heads/x'], { token: null, folder: copy() })).rejects.toThrow(
    /could not read Username/,
  )
})

it('redirects a former path', async () => {
  test.gitlab.rename(test.shop, 'store')

  const answer = await fetch(`${remote()}/info/refs?service=git-upload-pack`, {
    redirect: 'manual',
    headers: { authorization: `Basic ${Buffer.from(`x:${test.token.value}`).toString('base64')}` },
  })

  expect(answer.status).toBe(301)
  expect(answer.headers.get('location')).toBe(`${test.gitlab.url}/acme/store.git/info/refs?service=git-upload-pack`)
})

it('takes a push and fires the hook', async () => {
  const receiver = await startReceiver()
  await test.call(`/projects/${test.shop.id}/hooks`, { method: 'POST', body: { url: receiver.url, token: 'hook-secret' } })
  await client(['clone', '--quiet', remote(), copy()])
  await writeFile(join(copy(), 'cart.txt'), 'badge\n')
  await client(['add', '.'], { folder: copy() })
  await client(['commit', '--quiet', '-m', 'SHOP-7 Show the cart badge'], { folder: copy() })

  await client(['push', '--quiet', 'origin', 'HEAD:SHOP-7-cart-badge'], { folder: copy() })
  await test.gitlab.settle()

  await receiver.close()
  expect(receiver.received).toHaveLength(1)
  const body = JSON.parse(receiver.received[0]?.body ?? '{}') as Record<string, unknown>
  expect(body).toMatchObject({
    object_kind: 'push',
    ref: 'refs/heads/SHOP-7-cart-badge',
    before: '0'.repeat(40),
    user_username: 'mia',
    project_id: test.shop.id,
    total_commits_count: 1,
    commits: [{ title: 'SHOP-7 Show the cart badge', added: ['cart.txt'], modified: [], removed: [] }],
  })
  expect(receiver.received[0]?.headers).toMatchObject({
    'x-gitlab-event': 'Push Hook',
    'x-gitlab-token': 'hook-secret',
    'x-gitlab-instance': test.gitlab.url,
  })
})

it('answers 500 when the repository is gone from the disk', async () => {
  await rename(test.shop.folder, `${test.shop.folder}.away`)

  await expect(client(['ls-remote', remote()])).rejects.toThrow(/(404|500)|not found/)
})

it('serves a repository below a relative root and copies a repository of the user', async () => {
  const other = await startTestGitLab({ relativeRoot: '/gitlab' })
  const copied = await other.gitlab.addProject({
    namespace: 'acme',
    path: 'copied',
    fromRepository: test.shop.folder,
    visibility: 'public',
  })

  const refs = await client(['ls-remote', `${other.gitlab.url}/acme/copied.git`], { token: null })

  expect(other.gitlab.url).toMatch(/\/gitlab$/)
  expect(refs).toContain(`${copied.refs.get('refs/heads/main')}\trefs/heads/main`)
  await other.dispose()
})
