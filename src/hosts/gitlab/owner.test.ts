import { afterEach, describe, expect, it } from 'vitest'
import { hostId } from '../../domain/ids.ts'
import { scriptGitLab, type ScriptedCall, type ScriptedGitLab } from './scripted-gitlab.ts'

const signal = AbortSignal.timeout(60_000)

let gitlab: ScriptedGitLab | null = null
afterEach(async () => {
  const finished = gitlab
  gitlab = null
  await finished?.finish()
})

async function script(calls: () => readonly ScriptedCall[]): Promise<ScriptedGitLab> {
  gitlab = await scriptGitLab(calls)
  return gitlab
}

describe('getOwner', () => {
  const group = (path: string) => `/api/v4/groups/${encodeURIComponent(path)}?with_projects=false`
  const missing = { status: 404, body: { message: '404 Group Not Found' } }

  it('resolves a subgroup', async () => {
    const { connect } = await script(() => [
      { path: group('acme/Platform'), body: { id: 8, full_path: 'acme/platform', name: 'x' } },
    ])
    expect(await connect({ owner: 'acme/Platform' }).getOwner(null, signal)).toEqual({
      kind: 'group',
      hostId: '8',
      name: 'acme/platform',
    })
  })

  it('resolves a user, whatever the case', async () => {
    const { connect } = await script(() => [
      { path: group('ADA'), ...missing },
      { path: '/api/v4/users?username=ADA', body: [{ id: 7, username: 'ada', name: 'Ada Example' }] },
    ])
    expect(await connect({ owner: 'ADA' }).getOwner(null, signal)).toEqual({ kind: 'user', hostId: '7', name: 'ada' })
  })

  it('is everything without a path', async () => {
    const { connect } = await script(() => [])
    expect(await connect().getOwner(null, signal)).toMatchObject({ kind: 'all', hostId: null })
  })

  it('reads a group that is known by its id, whatever its path is today', async () => {
    const { connect } = await script(() => [{ path: group('5'), body: { id: 5, full_path: 'acme-group', name: 'x' } }])
    const owner = await connect({ owner: 'acme' }).getOwner({ kind: 'group', hostId: hostId('5'), path: 'acme' }, signal)
    expect(owner).toEqual({ kind: 'group', hostId: '5', name: 'acme-group' })
  })

  it('reads a user that is known by its id', async () => {
    const { connect } = await script(() => [{ path: '/api/v4/users/7', body: { id: 7, username: 'ada.new', name: 'Ada' } }])
    const owner = await connect({ owner: 'ada' }).getOwner({ kind: 'user', hostId: hostId('7'), path: 'ada' }, signal)
    expect(owner).toEqual({ kind: 'user', hostId: '7', name: 'ada.new' })
  })

  it.each([
    ['group', group('5')],
    ['user', '/api/v4/users/5'],
  ] as const)('says that a %s is gone, and looks for no other', async (kind, path) => {
    const { connect } = await script(() => [{ path, ...missing }])
    const owner = connect({ owner: 'acme' }).getOwner({ kind, hostId: hostId('5'), path: 'acme' }, signal)
    await expect(owner).rejects.toMatchObject({
      code: 'owner-gone',
      retryable: false,
      userMessage: expect.stringContaining(`${kind} acme (id 5)`) as string,
      remedy: expect.stringContaining('nothing is removed') as string,
    })
  })

  it.each([
    [403, 'permission-missing'],
    [500, 'host-unavailable'],
  ])('%i by its id says nothing of its being gone', async (status, code) => {
    const { connect } = await script(() => [{ path: group('5'), status, body: { message: 'x' } }])
    const owner = connect({ owner: 'acme' }).getOwner({ kind: 'group', hostId: hostId('5'), path: 'acme' }, signal)
    await expect(owner).rejects.toMatchObject({ code })
  })

  it.each([{ id: 5, full_path: '' }, { id: 5 }, { id: 5, full_path: 'a\u0000b' }])(
    'refuses an answer without a path that can be compared: %j',
    async (body) => {
      const { connect } = await script(() => [{ path: group('5'), body }])
      const owner = connect({ owner: 'acme' }).getOwner({ kind: 'group', hostId: hostId('5'), path: 'acme' }, signal)
      await expect(owner).rejects.toMatchObject({ code: 'unexpected-answer' })
    },
  )

  it('says what to check when there is neither', async () => {
    const { connect } = await script(() => [
      { path: group('nobody'), ...missing },
      { path: '/api/v4/users?username=nobody', body: [] },
    ])
    await expect(connect({ owner: 'nobody' }).getOwner(null, signal)).rejects.toMatchObject({
      code: 'not-found',
      userMessage: expect.stringContaining('nobody') as string,
      remedy: expect.stringContaining('path') as string,
    })
  })
})
