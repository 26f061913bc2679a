import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import answers from './fixtures/answers.json' with { type: 'json' }
import type { GitLabSettings } from './config.ts'
import { impatientClock, scriptGitLab, type ScriptedCall, type ScriptedGitLab } from './scripted-gitlab.ts'

const signal = AbortSignal.timeout(60_000)
let gitlab: ScriptedGitLab | null = null
afterEach(async () => {
  const finished = gitlab
  gitlab = null
  await finished?.finish()
})

const version: ScriptedCall = { path: '/api/v4/version', body: { version: '17.3.1-ee', revision: 'x' } }
const self: ScriptedCall = {
  path: '/api/v4/personal_access_tokens/self',
  body: { scopes: ['read_api', 'read_repository'], active: true, revoked: false, expires_at: '2099-01-01' },
}
const group: ScriptedCall = { path: '/api/v4/groups/acme?with_projects=false', body: { id: 5, full_path: 'acme' } }
const user: ScriptedCall = { path: '/api/v4/user', body: { id: 7, username: 'ada' } }
const member: ScriptedCall = { path: '/api/v4/groups/5/members/all/7', body: { access_level: 20 } }
const list: ScriptedCall = {
  path: '/api/v4/groups/5/projects?include_subgroups=true&with_shared=false&order_by=id&sort=asc&per_page=100',
  body: [answers.projectNew],
}
const advertisement = (fetch: string) => ({
  headers: { 'content-type': 'application/x-git-upload-pack-advertisement' },
  body: `001e# service=git-upload-pack\n0000000eversion 2\n0000${fetch}\n0000`,
})
const git: ScriptedCall = {
  path: '/acme/shop.git/info/refs?service=git-upload-pack',
  ...advertisement('0020fetch=shallow wait-for-done filter'),
}

async function check(calls: readonly ScriptedCall[], settings: Partial<GitLabSettings> = {}) {
  gitlab = await scriptGitLab(() => calls)
  const steps = await gitlab.connect({ owner: 'acme', ...settings }).check(null, signal)
  return { names: steps.map(({ name, ok }) => (ok ? name : `${name}!`)).join(' '), last: steps.at(-1) }
}

it('passes every step', async () => {
  const { names, last } = await check([version, self, self, group, user, member, list, git])
  expect(names).toBe('dns tls reachable token scope version owner role clock git')
  expect(last?.message).toContain('with partial clones')
  expect(gitlab?.seen.at(-1)?.headers).toMatchObject({
    'git-protocol': 'version=2',
    authorization: expect.stringMatching(/^Basic /) as string,
  })
})

it('passes with a token that does not tell about itself, for everything it reads', async () => {
  const untold: ScriptedCall = { path: self.path, status: 404, body: { message: '404' } }
  const empty: ScriptedCall = { path: '/api/v4/projects?membership=true&pagination=keyset&order_by=id&sort=asc&per_page=100' }
  const { names } = await check([version, untold, untold, empty], { owner: null })
  expect(names).toBe('dns tls reachable token scope version owner role clock git')
})

describe('no connection', () => {
  it('names DNS', async () => {
    const { names, last } = await check([], { url: 'https://no-such-host.invalid' })
    expect(names).toBe('dns!')
    expect(last?.remedy).toContain('no-such-host.invalid')
  })

  it('names TLS', async () => {
    gitlab = await scriptGitLab(() => [])
    const steps = await gitlab.connect({ url: gitlab.origin.replace('http:', 'https:') }).check(null, signal)
    expect(steps.map(({ name, ok }) => [name, ok])).toEqual([
      ['dns', true],
      ['tls', false],
    ])
  })

  it('names the port', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    await new Promise((resolve) => server.close(resolve))
    const { names } = await check([], { url: `http://127.0.0.1:${port}` })
    expect(names).toBe('dns reachable!')
  })

  it.each([
    ['another server', { status: 404, headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['a sign-in page', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['a missing relative root', { status: 404, body: { error: '404 Not Found' } }],
    ['a redirect', { status: 302, headers: { location: 'https://elsewhere.example.com/' }, body: '' }],
    ['an error', { status: 500, body: { message: '500' } }],
  ])('names %s', async (_, answer) => {
    const { names, last } = await check([{ path: version.path, ...answer }])
    expect(names).toBe('dns reachable!')
    expect(last?.remedy).not.toBeNull()
  })
})

describe('one wrong thing', () => {
  const refused = { status: 401, body: { message: '401 Unauthorized' } }
  const forbidden = { status: 403, body: { error: 'insufficient_scope', scope: 'api read_api read_user' } }
  it.each([
    [
      'a wrong token',
      [
        { path: version.path, ...refused },
        { path: self.path, ...refused },
        { path: user.path, ...refused },
      ],
      'token!',
      'new one',
    ],
    ['an expired token', [version, { path: self.path, body: { scopes: [], active: false } }], 'token!', 'Create a new token'],
    ['no read_repository', [version, self, { path: self.path, body: { scopes: ['read_api'] } }], 'scope!', 'read_repository'],
    [
      'no scope at all',
      [1, 2].flatMap(() => [
        { path: version.path, ...forbidden },
        { path: self.path, ...forbidden },
      ]),
      'scope!',
      'read_api',
    ],
    ['an old version', [{ path: version.path, body: { version: '12.10.14' } }, self, self], 'version!', 'Update'],
    [
      'an unknown owner',
      [version, self, self, { path: group.path, status: 404, body: {} }, { path: '/api/v4/users?username=acme', body: [] }],
      'owner!',
      'path',
    ],
    ['a guest', [version, self, self, group, user, { path: member.path, body: { access_level: 10 } }], 'role!', 'Reporter'],
    [
      'Git refused',
      [version, self, self, group, user, member, list, { path: git.path, status: 401, body: 'HTTP Basic: Access denied' }],
      'git!',
      'read_repository',
    ],
    [
      'Git switched off',
      [version, self, self, group, user, member, list, { path: git.path, status: 200, body: '<html>' }],
      'git!',
      'gitUrl',
    ],
  ])('%s', async (_, calls, step, remedy) => {
    const { names, last } = await check(calls)
    expect(names.split(' ').at(-1)).toBe(step)
    expect(last?.remedy).toContain(remedy)
  })

  it('a clock that differs', async () => {
    const clock = { ...impatientClock, now: () => new Date(Date.now() + 10 * 60_000) }
    const { names, last } = await check([version, self, self, group, user, member], { clock })
    expect(names.split(' ').at(-1)).toBe('clock!')
    expect(last?.message).toContain('ahead')
  })

  it('a token for webhooks that is refused', async () => {
    const { names, last } = await check([version, self, { path: user.path, ...refused }], { webhookAdminToken: 'other' })
    expect(names.split(' ').at(-1)).toBe('token!')
    expect(last?.message).toContain('webhookAdminToken')
  })
})

it('tells what the token will not see, when it ends soon, and that there are no partial clones', async () => {
  const soon = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10)
  gitlab = await scriptGitLab(() => [
    version,
    { path: self.path, body: { scopes: ['api'], active: true, expires_at: soon } },
    { path: self.path, body: { scopes: ['api'], active: true, expires_at: soon } },
    group,
    user,
    { path: member.path, status: 404, body: {} },
    list,
    { ...git, ...advertisement('0016fetch=shallow') },
  ])
  const steps = await gitlab.connect({ owner: 'acme' }).check(null, signal)
  const messageOf = (name: string) => steps.find((step) => step.name === name)?.message
  expect(steps.every(({ ok }) => ok)).toBe(true)
  expect(messageOf('token')).toContain(soon)
  expect(messageOf('role')).toContain('names no role')
  expect(messageOf('git')).toContain('no partial clones')
})

it("rejects with the signal's reason when aborted", async () => {
  gitlab = await scriptGitLab(() => [])
  const checked = gitlab.connect().check(null, AbortSignal.abort(new Error('cancelled')))
  await expect(checked).rejects.toThrow('cancelled')
})
