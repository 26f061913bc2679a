import { afterEach, describe, expect, it } from 'vitest'
import { scriptGitLab, SHOP, type ScriptedCall, type ScriptedGitLab } from './scripted-gitlab.ts'

const signal = AbortSignal.timeout(60_000)
const JOBS = '/api/v4/projects/501/pipelines/131/jobs?include_retried=false&per_page=100'

let gitlab: ScriptedGitLab | null = null
afterEach(async () => {
  const finished = gitlab
  gitlab = null
  await finished?.finish()
})

async function countJobs(calls: (origin: string) => readonly ScriptedCall[]) {
  gitlab = await scriptGitLab(calls)
  return gitlab.connect().countJobs(SHOP, '131', signal)
}

let nextId = 1
const jobs = (...statuses: readonly unknown[]) =>
  statuses.map((status) => ({ id: nextId++, name: 'unit tests', stage: 'test', status, commit: null }))
const page = (origin: string, number: number, last = false): ScriptedCall => ({
  path: number === 1 ? JOBS : `${JOBS}&page=${number}`,
  ...(last ? {} : { headers: { link: `<${origin}${JOBS}&page=${number + 1}>; rel="next"` } }),
  body: jobs('success', 'failed'),
})

describe('the jobs of a build', () => {
  it('are counted by how they ended; what neither passed nor failed is in the total alone', async () => {
    const statuses = ['success', 'success', 'failed', 'skipped', 'canceled', 'manual', 'teleported', null]

    expect(await countJobs(() => [{ path: JOBS, body: jobs(...statuses) }])).toEqual({ total: 8, successful: 2, failed: 1 })
  })

  it('are counted over all pages', async () => {
    expect(await countJobs((origin) => [page(origin, 1), page(origin, 2, true)])).toEqual({ total: 4, successful: 2, failed: 2 })
  })

  it('may be none', async () => {
    expect(await countJobs(() => [{ path: JOBS, body: [] }])).toEqual({ total: 0, successful: 0, failed: 0 })
  })

  it.each([403, 404])('are not known when GitLab answers %i', async (status) => {
    expect(await countJobs(() => [{ path: JOBS, status, body: { message: 'x' } }])).toBeNull()
  })

  it('are not known when there are too many to read', async () => {
    expect(await countJobs((origin) => Array.from({ length: 10 }, (_, index) => page(origin, index + 1)))).toBeNull()
  })

  it.each([
    [401, { message: 'x' }, 'credentials-refused'],
    [500, { message: 'x' }, 'host-unavailable'],
    [200, { jobs: [] }, 'unexpected-answer'],
    [200, [{ id: 'x' }], 'unexpected-answer'],
  ])('fail with %i and %j', async (status, body, code) => {
    await expect(countJobs(() => [{ path: JOBS, status, body }])).rejects.toMatchObject({ code })
  })

  it('fail when the second page fails: half of them is no count', async () => {
    const counted = countJobs((origin) => [page(origin, 1), { path: `${JOBS}&page=2`, status: 500, body: { message: 'x' } }])

    await expect(counted).rejects.toMatchObject({ code: 'host-unavailable' })
  })
})
