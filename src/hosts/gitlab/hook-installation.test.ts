import { afterEach, describe, expect, it } from 'vitest'
import { hostId } from '../../domain/ids.ts'
import type { WebhookPlace } from '../types.ts'
import answers from './fixtures/answers.json' with { type: 'json' }
import { scriptGitLab, SHOP, TEST_TOKEN, type ScriptedCall, type ScriptedGitLab } from './scripted-gitlab.ts'

const signal = AbortSignal.timeout(60_000)
const HOOKS = '/api/v4/projects/501/hooks'
const LIST = `${HOOKS}?per_page=100`
const WANTED = { url: 'https://dvcs.example.com/webhooks/acme', secret: 'hidden-secret' }
const other = { ...answers.hook, id: 1, url: 'https://ci.example.com/hook' }

let gitlab: ScriptedGitLab | null = null
afterEach(async () => {
  const finished = gitlab
  gitlab = null
  await finished?.finish()
})

async function install(
  calls: readonly ScriptedCall[],
  webhookAdminToken: string | null = null,
  hook: typeof WANTED & { formerUrl?: string } = WANTED,
) {
  gitlab = await scriptGitLab(() => calls)
  return gitlab.connect({ webhookAdminToken }).webhooks.install({ level: 'project', repository: SHOP }, hook, signal)
}

describe('install', () => {
  it('creates the hook with secret and events, as the webhook administrator', async () => {
    const installed = await install(
      [
        { path: LIST, body: [other] },
        { method: 'POST', path: HOOKS, status: 201, body: answers.hook },
      ],
      'admin-token',
    )
    expect(installed).toEqual({ state: 'live', signs: null, woken: false })
    expect(gitlab?.seen.map(({ headers }) => headers['private-token'])).toEqual(['admin-token', 'admin-token'])
    expect(JSON.parse(gitlab?.seen[1]?.body ?? '')).toMatchObject({
      url: WANTED.url,
      token: WANTED.secret,
      push_events: true,
      merge_requests_events: true,
      job_events: false,
      enable_ssl_verification: true,
    })
  })

  it('adopts the one of the same address and removes surplus ones', async () => {
    const installed = await install([
      { path: LIST, body: [other, answers.hook, { ...answers.hook, id: 34 }] },
      { method: 'DELETE', path: `${HOOKS}/34`, status: 204, body: '' },
      { method: 'PUT', path: `${HOOKS}/33`, body: answers.hook },
    ])
    expect(installed).toMatchObject({ state: 'live' })
    expect(gitlab?.seen[0]?.headers['private-token']).toBe(TEST_TOKEN)
  })

  it('sets a signing token, and never the key itself as plain token', async () => {
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
    await install([{ path: LIST }, { method: 'POST', path: HOOKS, status: 201, body: answers.hook }], null, { ...WANTED, secret })
    const sent = JSON.parse(gitlab?.seen[1]?.body ?? '') as { token: string; signing_token: string }
    expect(sent.signing_token).toBe(secret)
    expect(sent.token).not.toContain('whsec_')
  })

  it.each([
    ['executable', []],
    ['disabled', [{ method: 'POST', path: `${HOOKS}/33/test/push_events`, status: 201, body: { message: '201 Created' } }]],
    ['temporarily_disabled', [{ method: 'POST', path: `${HOOKS}/33/test/push_events`, status: 201, body: {} }]],
  ] as const)('wakes a hook that is %s', async (alert_status, calls) => {
    const hook = { ...answers.hook, alert_status, signing_token_present: true }
    const installed = await install([{ path: LIST, body: [hook] }, { method: 'PUT', path: `${HOOKS}/33`, body: hook }, ...calls])
    expect(installed).toEqual({ state: 'live', signs: true, woken: calls.length > 0 })
  })

  it('is broken when a stopped hook stays unreachable', async () => {
    const hook = { ...answers.hook, alert_status: 'disabled' }
    const installed = await install([
      { path: LIST, body: [hook] },
      { method: 'PUT', path: `${HOOKS}/33`, body: hook },
      { method: 'POST', path: `${HOOKS}/33/test/push_events`, status: 422, body: { message: 'execution expired' } },
    ])
    expect(installed).toMatchObject({
      state: 'broken',
      installed: true,
      reason: expect.stringContaining('execution expired') as string,
    })
  })

  it.each([400, 422])('is broken when the address is refused with %s, and says which setting allows it', async (status) => {
    const installed = await install([
      { path: LIST },
      { method: 'POST', path: HOOKS, status, body: { error: 'Invalid url given' } },
    ])
    expect(installed).toMatchObject({
      state: 'broken',
      installed: false,
      reason: expect.stringMatching(/Invalid url given.*Outbound requests/) as string,
    })
  })

  it('is polled where GitLab takes no further hook', async () => {
    const body = { message: { base: ['Maximum number of project hooks (100) exceeded'] } }
    const installed = await install([{ path: LIST }, { method: 'POST', path: HOOKS, status: 422, body }])
    expect(installed).toMatchObject({ state: 'polling', reason: expect.stringContaining('(100) exceeded') as string })
  })

  it.each([
    [403, { message: '403 Forbidden' }, 'Maintainer'],
    [404, { message: '404 Not found' }, 'Maintainer'],
    [403, { error: 'insufficient_scope', scope: 'api' }, 'scope api'],
  ])('polls where it may not: %s %j', async (status, body, reason) => {
    const installed = await install([{ path: LIST, status, body }])
    expect(installed).toMatchObject({ state: 'polling', reason: expect.stringContaining(reason) as string })
  })

  it('polls when the token for webhooks is refused, and fails when the account token is', async () => {
    const refused = { path: LIST, status: 401, body: { message: '401 Unauthorized' } }
    expect(await install([refused], 'admin-token')).toMatchObject({ state: 'polling' })
    await gitlab?.finish()
    await expect(install([refused])).rejects.toMatchObject({ code: 'credentials-refused' })
  })

  it.each([
    [[{ path: LIST, status: 500, body: {} }], 'host-unavailable'],
    [[{ path: LIST }, { method: 'POST', path: HOOKS, status: 503, body: {} }], 'host-unavailable'],
    [
      [{ path: LIST }, { method: 'POST', path: HOOKS, status: 429, headers: { 'retry-after': '60' }, body: 'Retry later' }],
      'rate-limited',
    ],
    [[{ path: LIST }, { method: 'POST', path: HOOKS, status: 409, body: {} }], 'unexpected-answer'],
  ])('fails for what may pass: %j', async (calls, code) => {
    await expect(install(calls)).rejects.toMatchObject({ code })
  })
})

describe('watch', () => {
  const watch = async (calls: readonly ScriptedCall[], hook = WANTED) => {
    gitlab = await scriptGitLab(() => calls)
    return gitlab.connect().webhooks.watch({ level: 'project', repository: SHOP }, hook, signal)
  }
  const signing = { ...WANTED, secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` }

  it('costs one request while the hook is called', async () => {
    const hook = { ...answers.hook, token_present: true, signing_token_present: true }
    expect(await watch([{ path: LIST, body: [other, hook] }], signing)).toEqual({ state: 'live', signs: true, woken: false })
  })

  it('wakes a hook that was stopped', async () => {
    const hook = { ...answers.hook, alert_status: 'temporarily_disabled' }
    const calls = [
      { path: LIST, body: [hook] },
      { method: 'POST', path: `${HOOKS}/33/test/push_events`, status: 201, body: {} },
    ]
    expect(await watch(calls)).toEqual({ state: 'live', signs: null, woken: true })
  })

  it('installs one that is gone', async () => {
    const calls = [{ path: LIST }, { method: 'POST', path: HOOKS, status: 201, body: answers.hook }]
    expect(await watch(calls)).toMatchObject({ state: 'live', woken: true })
  })

  it.each([
    [{ token_present: false }, true],
    [{ signing_token_present: false }, false],
  ])('writes one that lost its secret: %j', async (lost, woken) => {
    const calls = [
      { path: LIST, body: [{ ...answers.hook, ...lost }] },
      { method: 'PUT', path: `${HOOKS}/33`, body: { ...answers.hook, signing_token_present: true } },
    ]
    expect(await watch(calls, signing)).toEqual({ state: 'live', signs: true, woken })
  })
})

describe('a former address', () => {
  const formerUrl = 'https://old.example.com/webhooks/acme'
  const former = { ...answers.hook, id: 21, url: formerUrl }

  it('is changed in place, as also when the hook is only watched', async () => {
    for (const method of ['install', 'watch'] as const) {
      gitlab = await scriptGitLab(() => [
        { path: LIST, body: [other, former] },
        { method: 'PUT', path: `${HOOKS}/21`, body: answers.hook },
      ])
      const place = { level: 'project', repository: SHOP } as const
      expect(await gitlab.connect().webhooks[method](place, { ...WANTED, formerUrl }, signal)).toMatchObject({ state: 'live' })
      expect(JSON.parse(gitlab.seen.at(-1)?.body ?? '')).toMatchObject({ url: WANTED.url })
      await gitlab.finish()
    }
  })

  it('goes where a hook has the new one already', async () => {
    await install(
      [
        { path: LIST, body: [former, answers.hook] },
        { method: 'DELETE', path: `${HOOKS}/21`, status: 204, body: '' },
        { method: 'PUT', path: `${HOOKS}/33`, body: answers.hook },
      ],
      null,
      { ...WANTED, formerUrl },
    )
    expect(gitlab?.seen).toHaveLength(3)
  })

  it('is removed with the others', async () => {
    gitlab = await scriptGitLab(() => [
      { path: LIST, body: [other, former] },
      { method: 'DELETE', path: `${HOOKS}/21`, status: 204, body: '' },
    ])
    await gitlab.connect().webhooks.remove({ level: 'project', repository: SHOP }, { url: WANTED.url, formerUrl }, signal)
    expect(gitlab.seen).toHaveLength(2)
  })
})

describe('other places', () => {
  const install = async (place: WebhookPlace, calls: readonly ScriptedCall[]) => {
    gitlab = await scriptGitLab(() => calls)
    return gitlab.connect().webhooks.install(place, WANTED, signal)
  }
  const group = { level: 'group', group: hostId('9') } as const
  const sent = () => JSON.parse(gitlab?.seen.at(-1)?.body ?? '') as Record<string, unknown>

  it('asks for the lifecycle of projects and subgroups at a group', async () => {
    const path = '/api/v4/groups/9/hooks'
    const calls = [{ path: `${path}?per_page=100` }, { method: 'POST', path, status: 201, body: answers.hook }]
    expect(await install(group, calls)).toMatchObject({ state: 'live' })
    expect(sent()).toMatchObject({ push_events: true, project_events: true, subgroup_events: true })
  })

  it.each([403, 404])('says what a group takes: %i', async (status) => {
    const installed = await install(group, [{ path: '/api/v4/groups/9/hooks?per_page=100', status, body: { message: 'no' } }])
    expect(installed).toMatchObject({ state: 'polling', reason: expect.stringMatching(/Owner.*Premium/) as string })
  })

  it('asks a whole host for one event a push', async () => {
    const calls = [
      { path: '/api/v4/hooks?per_page=100' },
      { method: 'POST', path: '/api/v4/hooks', status: 201, body: answers.hook },
    ]
    expect(await install({ level: 'system' }, calls)).toMatchObject({ state: 'live' })
    expect(sent()).toMatchObject({ repository_update_events: true, merge_requests_events: true, push_events: false })
  })

  it.each([404, 405])('replaces a system hook that GitLab cannot change: %i', async (status) => {
    const calls = [
      { path: '/api/v4/hooks?per_page=100', body: [answers.hook] },
      { method: 'PUT', path: '/api/v4/hooks/33', status, body: { error: 'no' } },
      { method: 'DELETE', path: '/api/v4/hooks/33', status: 204, body: '' },
      { method: 'POST', path: '/api/v4/hooks', status: 201, body: answers.hook },
    ]
    expect(await install({ level: 'system' }, calls)).toMatchObject({ state: 'live' })
  })

  it('says what a system hook takes', async () => {
    const installed = await install({ level: 'system' }, [
      { path: '/api/v4/hooks?per_page=100', status: 403, body: { message: 'no' } },
    ])
    expect(installed).toMatchObject({ state: 'polling', reason: expect.stringContaining('administrator') as string })
  })
})

describe('remove', () => {
  async function remove(calls: readonly ScriptedCall[]) {
    gitlab = await scriptGitLab(() => calls)
    await gitlab.connect().webhooks.remove({ level: 'project', repository: SHOP }, WANTED, signal)
  }

  it('removes ours only', async () => {
    await remove([
      { path: LIST, body: [other, answers.hook] },
      { method: 'DELETE', path: `${HOOKS}/33`, status: 404, body: { message: '404' } },
    ])
    expect(gitlab?.seen).toHaveLength(2)
  })

  it('has nothing to do where the project is gone', async () => {
    await remove([{ path: LIST, status: 404, body: { message: '404' } }])
    expect(gitlab?.seen).toHaveLength(1)
  })

  it('says that it has to stay', async () => {
    await expect(remove([{ path: LIST, status: 403, body: { message: '403' } }])).rejects.toMatchObject({
      code: 'permission-missing',
    })
  })

  it('fails for what may pass', async () => {
    await expect(remove([{ path: LIST, status: 500, body: {} }])).rejects.toMatchObject({ code: 'host-unavailable' })
  })
})
