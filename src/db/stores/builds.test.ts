import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountId, type RepositoryId } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { addRepository, at, build, listIssues, shaOf } from '../test-rows.ts'
import { addBuildHeads, deleteBuildHeads, listBuildHeads } from './build-heads.ts'
import { saveBuilds, sweepBuilds, type KeyedBuild } from './builds.ts'
import {
  findDeployedBefore,
  findEnvironmentTypes,
  isDeployedBeforeForgotten,
  saveDeployments,
  saveEnvironmentDeployments,
  sweepDeployments,
} from './deployments.ts'
import { findListingMark, setListingMark } from './listing-marks.ts'
import { markRepositoryIssuesDirty } from './issues.ts'
import { EVERY_GENERATION } from './pull-requests.ts'
import { findOldestRun } from './run-rows.ts'

describe.each(KINDS)('builds and deployments on %s', (kind) => {
  let place: TestPlace
  let db: Database
  let repositoryId: RepositoryId

  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
    repositoryId = await db.write('background', (tx) => addRepository(tx, accountId('acme'), 1))
  })
  beforeEach(() =>
    db.write('background', async (tx) => {
      for (const table of ['builds', 'build_keys', 'deployments', 'deployment_keys', 'environment_deployments'] as const)
        await tx.deleteFrom(table).execute()
      await tx.deleteFrom('issues').execute()
    }),
  )
  afterAll(() => place.remove())

  const save = (runs: readonly KeyedBuild[], generation = 1) =>
    db.write('background', (tx) => saveBuilds(tx, { repositoryId, generation, runs, dueAt: at(100) }))
  const stored = async () => {
    const rows = await db.read
      .selectFrom('builds as b')
      .innerJoin('build_keys as k', 'k.build_id', 'b.id')
      .select(['b.number', 'b.state', 'k.issue_key'])
      .orderBy('b.number')
      .orderBy('k.issue_key')
      .execute()
    return rows.map((row) => `#${row.number} ${row.state}: ${row.issue_key}`)
  }

  test('stores everything that the host tells', async () => {
    await save([build(1, ['SHOP-1', 'SHOP-2'], { state: 'IN_PROGRESS', finishedAt: null })])

    const row = await db.read.selectFrom('builds').selectAll().executeTakeFirstOrThrow()
    expect(row).toEqual({
      id: expect.any(Number),
      repository_id: Number(repositoryId),
      host_id: '7001',
      number: 1,
      state: 'IN_PROGRESS',
      ref: 'main',
      sha: shaOf(1),
      url: 'https://gitlab.example.com/acme/shop/-/pipelines/7001',
      created_at: at(0),
      updated_at: at(1),
      finished_at: null,
      generation: 1,
      jobs_total: null,
      jobs_successful: null,
      jobs_failed: null,
      jobs_at: null,
    })
    expect(await stored()).toEqual(['#1 IN_PROGRESS: SHOP-1', '#1 IN_PROGRESS: SHOP-2'])
    expect(await listIssues(db.read)).toEqual(['SHOP-1 dirty 1', 'SHOP-2 dirty 1'])
  })

  test('one without keys is not stored, and one that loses its last key goes', async () => {
    await save([build(1, []), build(2, ['SHOP-2'])])
    expect(await stored()).toEqual(['#2 SUCCESSFUL: SHOP-2'])

    await save([build(2, [], { updatedAt: new Date(at(9)) })])

    expect(await db.read.selectFrom('builds').select('id').execute()).toEqual([])
    expect(await listIssues(db.read)).toEqual(['SHOP-2 dirty 2'])
  })

  test('an answer that is older than what is stored changes nothing, nor does the same again', async () => {
    await save([build(1, ['SHOP-1'], { updatedAt: new Date(at(10)) })])

    await save([build(1, ['SHOP-2'], { state: 'IN_PROGRESS', updatedAt: new Date(at(9)) })], 2)
    await save([build(1, ['SHOP-1'], { updatedAt: new Date(at(10)) })], 3)

    expect(await stored()).toEqual(['#1 SUCCESSFUL: SHOP-1'])
    expect(await listIssues(db.read)).toEqual(['SHOP-1 dirty 1'])
    expect(await db.read.selectFrom('builds').select('generation').execute()).toEqual([{ generation: 3 }])
  })

  test('a state and a key that change mark what was named and what is named', async () => {
    await save([build(1, ['SHOP-1'], { state: 'IN_PROGRESS' })])

    await save([build(1, ['SHOP-2'], { updatedAt: new Date(at(5)) })])

    expect(await stored()).toEqual(['#1 SUCCESSFUL: SHOP-2'])
    expect(await listIssues(db.read)).toEqual(['SHOP-1 dirty 2', 'SHOP-2 dirty 1'])
  })

  test('a complete listing sweeps what it did not meet', async () => {
    await save([build(1, ['SHOP-1']), build(2, ['SHOP-2'])])
    await save([build(2, ['SHOP-2'])], 2)
    const sweep = (generation: number) =>
      db.write('background', (tx) => sweepBuilds(tx, repositoryId, { generation, limit: 100, dueAt: at(200) }))

    expect(await sweep(2)).toBe(1)

    expect(await stored()).toEqual(['#2 SUCCESSFUL: SHOP-2'])
    expect(await listIssues(db.read)).toContain('SHOP-1 dirty 2')
    expect([await sweep(EVERY_GENERATION), await sweep(EVERY_GENERATION)]).toEqual([1, 0])
  })

  test('tells the oldest one', async () => {
    expect(await findOldestRun(db.read, 'builds', repositoryId)).toBeNull()
    await save([build(3, ['SHOP-1']), build(2, ['SHOP-2'])])

    expect(await findOldestRun(db.read, 'builds', repositoryId)).toBe(at(2))
  })

  test('heads to look up: with keys, or where a build is stored; the newest, until they are read', async () => {
    await save([build(2, ['SHOP-2'])])
    const head = (number: number, named = true) => ({ headSha: shaOf(number), named, changedAt: at(number) })
    const add = (numbers: readonly [number, boolean][], most = 10) =>
      db.write('background', (tx) =>
        addBuildHeads(tx, repositoryId, { heads: numbers.map(([number, named]) => head(number, named)), most }),
      )
    const listed = () => listBuildHeads(db.read, repositoryId)

    await add([
      [1, false],
      [2, false],
      [3, true],
    ])
    await add([
      [3, true],
      [3, false],
    ])
    expect(await listed()).toEqual([shaOf(2), shaOf(3)])
    await add([[4, true]], 2)
    expect(await listed()).toEqual([shaOf(3), shaOf(4)])
    await db.write('background', (tx) => deleteBuildHeads(tx, repositoryId, shaOf(3)))
    expect(await listed()).toEqual([shaOf(4)])
  })

  test('linking or unlinking marks the issues of builds and deployments', async () => {
    await save([build(1, ['SHOP-1'])])
    const deployment = { ...build(2, ['SHOP-2']), environment: 'staging', environmentType: 'staging' as const }
    await db.write('background', (tx) => saveDeployments(tx, { repositoryId, generation: 1, runs: [deployment], dueAt: at(0) }))

    await db.write('interactive', (tx) => markRepositoryIssuesDirty(tx, repositoryId, at(0)))

    expect(await listIssues(db.read)).toEqual(['SHOP-1 dirty 2', 'SHOP-2 dirty 2'])
  })

  test('of what an environment held the newest are remembered, of each generation', async () => {
    const remember = (numbers: readonly number[], generation: number) =>
      db.write('background', (tx) =>
        saveEnvironmentDeployments(tx, repositoryId, {
          deployments: numbers.map((number) => ({
            environmentId: '5',
            environmentType: 'staging' as const,
            number,
            sha: shaOf(number),
          })),
          generation,
        }),
      )
    const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
    const remembered = async () => {
      const rows = await db.read.selectFrom('environment_deployments').select('number').orderBy('number').execute()
      return rows.map(({ number }) => number)
    }
    const forgotten = (number: number) =>
      isDeployedBeforeForgotten(db.read, repositoryId, { environmentId: '5', number, generation: 1 })

    await remember(upTo(99), 1)
    expect(await forgotten(0)).toBe(false)
    await remember([100, 101, 102], 1)
    expect(await remembered()).toEqual(upTo(102).slice(2))
    expect([await forgotten(2), await forgotten(3)]).toEqual([true, false])

    // A listing of everything begins with the oldest.
    await remember([1, 2], 2)
    expect(await remembered()).toEqual(upTo(102))
  })

  test('what an environment held before a deployment, by number', async () => {
    const deployments = [1, 3].map((number) => ({
      environmentId: '5',
      environmentType: 'staging' as const,
      number,
      sha: shaOf(number),
    }))
    const remember = (generation: number, some = deployments) =>
      db.write('background', (tx) => saveEnvironmentDeployments(tx, repositoryId, { deployments: some, generation }))
    await remember(1)
    const before = (environmentId: string, number: number) => findDeployedBefore(db.read, repositoryId, { environmentId, number })

    expect(await Promise.all([before('5', 1), before('5', 3), before('5', 9), before('6', 9)])).toEqual([
      null,
      { number: 1, sha: shaOf(1) },
      { number: 3, sha: shaOf(3) },
      null,
    ])
    expect(await findEnvironmentTypes(db.read, repositoryId, ['5', '6'])).toEqual(new Map([['5', 'staging']]))

    await remember(2, deployments.slice(0, 1))
    await db.write('background', (tx) => sweepDeployments(tx, repositoryId, { generation: 2, limit: 100, dueAt: at(0) }))
    expect(await before('5', 9)).toEqual({ number: 1, sha: shaOf(1) })
  })

  test('the mark of a listing is kept by kind', async () => {
    const mark = { since: null, generation: 1, rulesVersion: 1, complete: false }
    expect(await findListingMark(db.read, repositoryId, 'builds')).toBeNull()

    await db.write('background', async (tx) => {
      await setListingMark(tx, repositoryId, { ...mark, kind: 'builds' })
      await setListingMark(tx, repositoryId, { ...mark, kind: 'deployments', since: at(1), complete: true })
      await setListingMark(tx, repositoryId, { ...mark, kind: 'builds', since: at(2) })
    })

    expect(await findListingMark(db.read, repositoryId, 'builds')).toEqual({ ...mark, since: at(2) })
    expect(await findListingMark(db.read, repositoryId, 'deployments')).toEqual({ ...mark, since: at(1), complete: true })
  })
})
