import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountId, type IssueKey, type RepositoryId } from '../../domain/ids.ts'
import { NO_NOISE } from '../../domain/noise.ts'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { addRepository, at, build, listIssues } from '../test-rows.ts'
import { readDevelopment } from '../views/development.ts'
import { saveBuilds, type KeyedBuild } from './builds.ts'
import { listUncountedBuilds, saveJobCounts } from './job-counts.ts'
import { replaceProjects } from './projects.ts'

const COUNTS = { total: 14, successful: 12, failed: 1 }

describe.each(KINDS)('counts of jobs on %s', (kind) => {
  let place: TestPlace
  let db: Database
  let repositoryId: RepositoryId

  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
    repositoryId = await db.write('background', async (tx) => {
      await replaceProjects(tx, [{ id: '1', key: 'SHOP', formerKeys: ['STORE'], name: 'Shop' }])
      return addRepository(tx, accountId('acme'), 1)
    })
  })
  beforeEach(() =>
    db.write('background', async (tx) => {
      for (const table of ['builds', 'build_keys', 'issues'] as const) await tx.deleteFrom(table).execute()
    }),
  )
  afterAll(() => place.remove())

  const save = (...runs: readonly KeyedBuild[]) =>
    db.write('background', (tx) => saveBuilds(tx, { repositoryId, generation: 1, runs, dueAt: at(100) }))
  const uncounted = (since = 0, limit = 10) => listUncountedBuilds(db.read, repositoryId, { since: new Date(at(since)), limit })
  const count = async (jobs: typeof COUNTS | null) => {
    for (const one of await uncounted()) await db.write('background', (tx) => saveJobCounts(tx, one, { jobs, dueAt: at(100) }))
  }
  const shown = async (key = 'SHOP-1') => {
    const query = { keys: [key as IssueKey], limit: 10, noise: NO_NOISE, showHidden: false, after: null }
    return (await readDevelopment(db.read, query)).builds.map(({ jobs }) => jobs)
  }

  test('what ended waits for its count, the newest first, until it is counted', async () => {
    await save(build(1, ['SHOP-1']), build(2, ['SHOP-2']), build(3, ['STORE-3']))

    expect((await uncounted()).map(({ hostId }) => hostId)).toEqual(['7003', '7002', '7001'])
    expect((await uncounted(2)).map(({ hostId }) => hostId)).toEqual(['7003', '7002'])
    expect((await uncounted(0, 1)).map(({ hostId }) => hostId)).toEqual(['7003'])
    await count(null)
    expect(await uncounted()).toEqual([])
  })

  test('what runs, and what names no project of Jira, is not counted', async () => {
    await save(build(1, ['SHOP-1'], { state: 'IN_PROGRESS', finishedAt: null }), build(2, ['UTF-8']))

    expect(await uncounted()).toEqual([])
  })

  test('counts are shown and mark the issues of the build; the same once more marks nothing', async () => {
    await save(build(1, ['SHOP-1', 'SHOP-2']))
    expect(await shown()).toEqual([null])

    await count(COUNTS)
    expect(await shown()).toEqual([COUNTS])
    expect(await listIssues(db.read)).toEqual(['SHOP-1 dirty 2', 'SHOP-2 dirty 2'])

    await save(build(1, ['SHOP-1', 'SHOP-2'], { updatedAt: new Date(at(9)) }))
    await count(COUNTS)
    expect(await shown()).toEqual([COUNTS])
    expect(await listIssues(db.read)).toEqual(['SHOP-1 dirty 3', 'SHOP-2 dirty 3'])
  })

  test('a build that runs again shows no count of before, and gets a new one when it ends', async () => {
    await save(build(1, ['SHOP-1'], { state: 'FAILED' }))
    await count(COUNTS)

    await save(build(1, ['SHOP-1'], { state: 'IN_PROGRESS', updatedAt: new Date(at(5)), finishedAt: null }))
    expect(await shown()).toEqual([null])
    await save(build(1, ['SHOP-1'], { updatedAt: new Date(at(6)), finishedAt: new Date(at(6)) }))
    expect(await shown()).toEqual([null])
    await count({ ...COUNTS, successful: 14, failed: 0 })

    expect(await shown()).toEqual([{ total: 14, successful: 14, failed: 0 }])
  })

  test('what the host does not tell any more is not known', async () => {
    await save(build(1, ['SHOP-1']))
    await count(COUNTS)
    await save(build(1, ['SHOP-1'], { updatedAt: new Date(at(9)) }))

    await count(null)

    expect(await shown()).toEqual([null])
    expect(await uncounted()).toEqual([])
    expect(await listIssues(db.read)).toEqual(['SHOP-1 dirty 4'])
  })

  test('a count that was overtaken by a change, or whose build is gone, changes nothing', async () => {
    await save(build(1, ['SHOP-1']), build(2, ['SHOP-2']))
    const overtaken = await uncounted()
    await save(build(1, ['SHOP-1'], { updatedAt: new Date(at(9)) }), build(2, [], { updatedAt: new Date(at(9)) }))

    for (const one of overtaken) await db.write('background', (tx) => saveJobCounts(tx, one, { jobs: COUNTS, dueAt: at(100) }))

    expect(await shown()).toEqual([null])
    expect((await uncounted()).map(({ hostId }) => hostId)).toEqual(['7001'])
  })
})
