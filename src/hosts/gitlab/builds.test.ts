import { afterEach, describe, expect, it } from 'vitest'
import { sha } from '../../domain/ids.ts'
import answers from './fixtures/answers.json' with { type: 'json' }
import { toEnvironmentType, toRunState } from './run-map.ts'
import { collect, scriptGitLab, SHOP, type ScriptedCall, type ScriptedGitLab } from './scripted-gitlab.ts'

const signal = AbortSignal.timeout(60_000)
const BASE = '/api/v4/projects/501'
const SINCE = new Date('2026-02-01T00:00:00Z')
const list = (kind: 'pipelines' | 'deployments', time = '2026-02-01T00:00:00.000Z') =>
  `${BASE}/${kind}?order_by=updated_at&sort=asc&updated_after=${encodeURIComponent(time)}&per_page=100`
const environment = (id: number, tier: string | null, name = 'staging') => ({ id, name, tier, state: 'available' })

let gitlab: ScriptedGitLab | null = null
afterEach(async () => {
  const finished = gitlab
  gitlab = null
  await finished?.finish()
})

async function connect(calls: (origin: string) => readonly ScriptedCall[]) {
  gitlab = await scriptGitLab(calls)
  return gitlab.connect()
}
const listBuilds = async (calls: (origin: string) => readonly ScriptedCall[]) =>
  collect((await connect(calls)).listBuilds({ repository: SHOP, updatedSince: SINCE, signal }))
const listDeployments = async (
  calls: (origin: string) => readonly ScriptedCall[],
  known: readonly (readonly [string, 'staging'])[] = [],
) =>
  collect(
    (await connect(calls)).listDeployments({
      repository: SHOP,
      updatedSince: SINCE,
      signal,
      findEnvironmentTypes: () => Promise.resolve(new Map(known)),
    }),
  )

const pipeline = (id: number, day: string, more: object = {}) => ({
  id,
  iid: id - 100,
  project_id: 501,
  sha: 'a'.repeat(40),
  ref: 'main',
  status: 'success',
  source: 'push',
  created_at: '2026-02-01T10:00:00.000Z',
  updated_at: `2026-02-${day}T10:00:00.000Z`,
  web_url: `https://gitlab.example.com/acme/shop/-/pipelines/${id}`,
  ...more,
})
const deployment = (id: number, day: string, more: object = {}) => ({
  id,
  iid: id - 100,
  ref: 'main',
  sha: 'b'.repeat(40),
  status: 'success',
  created_at: '2026-02-01T10:00:00.000Z',
  updated_at: `2026-02-${day}T10:00:00.000Z`,
  environment: { id: 5, name: 'staging', slug: 'staging', external_url: null },
  deployable: { id: 9, web_url: 'https://gitlab.example.com/acme/shop/-/jobs/9', finished_at: '2026-02-01T11:00:00.000Z' },
  ...more,
})

describe('builds', () => {
  it('are told as the host has them', async () => {
    const [found] = await listBuilds(() => [{ path: list('pipelines'), body: [pipeline(131, '02')] }])
    expect(found).toEqual({
      id: '131',
      number: 31,
      state: 'SUCCESSFUL',
      ref: 'main',
      pullRequest: null,
      sha: 'a'.repeat(40),
      url: 'https://gitlab.example.com/acme/shop/-/pipelines/131',
      createdAt: new Date('2026-02-01T10:00:00Z'),
      updatedAt: new Date('2026-02-02T10:00:00Z'),
      finishedAt: new Date('2026-02-02T10:00:00Z'),
    })
  })

  it('go on from the last time, and what comes twice is told once', async () => {
    const found = await listBuilds((origin) => [
      {
        path: list('pipelines'),
        headers: { link: `<${origin}${list('pipelines')}&page=2>; rel="next"` },
        body: [pipeline(1, '02'), pipeline(2, '03')],
      },
      { path: list('pipelines', '2026-02-03T09:59:59.999Z'), body: [pipeline(2, '03'), pipeline(3, '04')] },
    ])
    expect(found.map(({ id }) => id)).toEqual(['1', '2', '3'])
  })

  it('fail when the second page fails', async () => {
    const listed = listBuilds((origin) => [
      {
        path: list('pipelines'),
        headers: { link: `<${origin}${list('pipelines')}&page=2>; rel="next"` },
        body: [pipeline(1, '02')],
      },
      { path: list('pipelines', '2026-02-02T09:59:59.999Z'), status: 500, body: { message: '500' } },
    ])
    await expect(listed).rejects.toMatchObject({ code: 'host-unavailable' })
  })

  it.each([403, 404])('answering %i are none', async (status) => {
    const found = await listBuilds(() => [
      { path: list('pipelines'), status, body: { message: 'x' } },
      { path: BASE, body: answers.projectNew },
    ])
    expect(found).toEqual([])
  })

  it('that the project has and the token may not see are told so', async () => {
    const listed = listBuilds(() => [
      { path: list('pipelines'), status: 403, body: { message: 'x' } },
      { path: BASE, body: { ...answers.projectNew, builds_access_level: 'private' } },
    ])
    await expect(listed).rejects.toMatchObject({ code: 'list-refused' })
  })

  it('of a merge request name it; without number and address they get ours', async () => {
    const body = [
      pipeline(7, '02', { ref: 'refs/merge-requests/12/merge', iid: null, web_url: 'javascript:x', status: 'running' }),
    ]
    const [found] = await listBuilds(() => [{ path: list('pipelines'), body }])
    expect(found).toMatchObject({ number: 7, pullRequest: 12, url: `${SHOP.webUrl}/-/pipelines/7`, finishedAt: null })
  })

  it('of one commit', async () => {
    const path = `${BASE}/pipelines?sha=${'a'.repeat(40)}&per_page=100`
    const connection = await connect(() => [
      { path, body: [pipeline(1, '02')] },
      { path, status: 403, body: { message: '403' } },
    ])
    const ask = () => connection.listBuildsOf(SHOP, sha('a'.repeat(40)), signal)
    expect([(await ask()).length, (await ask()).length]).toEqual([1, 0])
  })

  it.each([{ sha: 'HEAD' }, { updated_at: 'never' }, { id: '1' }])('refuse a wrong answer: %j', async (wrong) => {
    const listed = listBuilds(() => [{ path: list('pipelines'), body: [pipeline(1, '02', wrong)] }])
    await expect(listed).rejects.toMatchObject({ code: 'unexpected-answer' })
  })
})

describe('deployments', () => {
  it('are told with the tier of their environment, which is asked for once', async () => {
    const found = await listDeployments(() => [
      {
        path: list('deployments'),
        body: [deployment(101, '02'), deployment(102, '03', { deployable: null, status: 'running' })],
      },
      { path: `${BASE}/environments/5`, body: environment(5, 'production') },
    ])
    expect(found[0]).toMatchObject({
      id: '101',
      number: 1,
      state: 'SUCCESSFUL',
      environment: 'staging',
      environmentId: '5',
      environmentType: 'production',
      url: 'https://gitlab.example.com/acme/shop/-/jobs/9',
      finishedAt: new Date('2026-02-01T11:00:00Z'),
    })
    expect(found[1]).toMatchObject({ url: `${SHOP.webUrl}/-/environments/5`, state: 'IN_PROGRESS', finishedAt: null })
  })

  it('of a known environment ask nothing', async () => {
    const found = await listDeployments(() => [{ path: list('deployments'), body: [deployment(101, '02')] }], [['5', 'staging']])
    expect(found[0]?.environmentType).toBe('staging')
  })

  it('of many unknown environments ask for the list; one that is gone is guessed', async () => {
    const names = ['review/a', 'review/b', 'qa', 'live']
    const body = names.map((name, index) => deployment(101 + index, '02', { environment: { id: 5 + index, name } }))
    const found = await listDeployments(() => [
      { path: list('deployments'), body },
      { path: `${BASE}/environments?per_page=100`, body: [environment(5, 'testing'), environment(6, 'other')] },
    ])
    expect(found.map(({ environmentType }) => environmentType)).toEqual(['testing', 'unmapped', 'testing', 'production'])
  })

  it('of an environment that is refused are guessed by its name', async () => {
    const found = await listDeployments(() => [
      { path: list('deployments'), body: [deployment(101, '02')] },
      { path: `${BASE}/environments/5`, status: 404, body: { message: '404' } },
    ])
    expect(found[0]?.environmentType).toBe('staging')
  })
})

describe('mapping', () => {
  it.each([
    [['created', 'pending', 'preparing', 'scheduled', 'waiting_for_resource', 'waiting_for_callback', 'blocked'], 'PENDING'],
    [['running', 'canceling'], 'IN_PROGRESS'],
    [['success'], 'SUCCESSFUL'],
    [['failed'], 'FAILED'],
    [['canceled', 'skipped'], 'CANCELLED'],
    [['manual', 'quantum', null], 'UNKNOWN'],
  ])('%j is %s', (statuses, state) => {
    expect(statuses.map(toRunState)).toEqual(statuses.map(() => state))
  })

  it.each([
    ['review/cart', 'development'],
    ['UAT-tst', 'testing'],
    ['pre-prod', 'staging'],
    ['prod', 'production'],
    ['blue', 'unmapped'],
  ] as const)('an environment %s without a tier is %s', (name, type) => {
    expect(toEnvironmentType({ name, tier: null })).toBe(type)
  })
})

describe('what changed last', () => {
  const newest = (kind: 'pipelines' | 'deployments') => `${BASE}/${kind}?order_by=updated_at&sort=desc&per_page=1`
  const find = async (kind: 'pipelines' | 'deployments', call: Omit<ScriptedCall, 'path'>) => {
    const connection = await connect(() => [{ ...call, path: newest(kind) }])
    return kind === 'pipelines' ? connection.findLastBuildUpdate(SHOP, signal) : connection.findLastDeploymentUpdate(SHOP, signal)
  }

  it('takes one request of one item', async () => {
    expect(await find('pipelines', { body: [pipeline(101, '05')] })).toEqual(new Date('2026-02-05T10:00:00.000Z'))
    await gitlab?.finish()
    const one = deployment(102, '06', { environment: environment(1, 'staging') })
    expect(await find('deployments', { body: [one] })).toEqual(new Date('2026-02-06T10:00:00.000Z'))
  })

  it('is nothing in an empty list', async () => {
    expect(await find('pipelines', { body: [] })).toBeNull()
  })

  it.each([403, 404])('is nothing where the list answers %i', async (status) => {
    expect(await find('deployments', { status, body: { message: 'no' } })).toBeNull()
  })

  it('fails for what may pass', async () => {
    await expect(find('pipelines', { status: 500, body: {} })).rejects.toMatchObject({ code: 'host-unavailable' })
  })
})
