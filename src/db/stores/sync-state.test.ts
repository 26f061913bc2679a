import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountId, type RepositoryId } from '../../domain/ids.ts'
import type { SyncMode } from '../../domain/repository.ts'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { addRepository, at } from '../test-rows.ts'
import { findRepository } from './repositories.ts'
import {
  abandonSync,
  beginSync,
  cancelRunningSync,
  cancelWaitingSync,
  dropSync,
  endSync,
  failInterruptedSyncs,
  findSyncAttempts,
  holdSync,
  isSyncCancelled,
  listSyncsWithoutJob,
  requestSync,
  setSyncProgress,
  type SyncOutcome,
} from './sync-state.ts'
import { listSyncs } from './sync-journal.ts'
import { beginHistory, endHistory, raiseLastActivity, setPullRequestsSince } from './import-marks.ts'

const PROBLEM = { code: 'host-unavailable', message: 'away', remedy: null }
const NONE = { commits: 0, branches: 0, pullRequests: 0, issues: 0 }

describe.each(KINDS)('states of a synchronisation on %s', (kind) => {
  let place: TestPlace
  let db: Database
  let id: RepositoryId
  let entry: number
  let number = 0

  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
  })
  beforeEach(async () => {
    await db.write('interactive', async (tx) => {
      for (const table of ['repositories', 'syncs'] as const) await tx.deleteFrom(table).execute()
      id = await addRepository(tx, accountId('acme'), ++number)
    })
  })
  afterAll(() => place.remove())

  const request = (mode: SyncMode = 'soft') => db.write('interactive', (tx) => requestSync(tx, id, mode))
  const begin = async (mode: SyncMode = 'soft', now = 1) => {
    const started = await db.write('interactive', async (tx) => {
      if (mode === 'full') await requestSync(tx, id, mode)
      return beginSync(tx, id, { trigger: 'test', now: at(now) })
    })
    entry = started.entry
    return started.mode
  }
  const end = (outcome: SyncOutcome, now = 2) =>
    db.write('interactive', (tx) => endSync(tx, id, { entry, outcome, progress: { ...NONE, commits: 5 }, now: at(now) }))
  const cancel = () => db.write('interactive', (tx) => cancelWaitingSync(tx, id))
  const withoutJob = () => listSyncsWithoutJob(db.read, (own) => `sync:${own}`)
  const sync = async () => (await findRepository(db.read, id))?.sync
  const retrying: SyncOutcome = { kind: 'retrying', problem: PROBLEM, at: at(9) }
  const paused: SyncOutcome = { kind: 'paused', problem: PROBLEM, until: at(9) }

  test('idle → queued → running → idle', async () => {
    expect(await sync()).toMatchObject({ state: 'idle', finishedAt: null })
    expect(await request()).toBe('queued')
    expect(await sync()).toMatchObject({ state: 'queued', mode: 'soft' })
    await begin()
    expect(await sync()).toMatchObject({ state: 'running', startedAt: new Date(at(1)), progress: NONE })
    expect(await end({ kind: 'done' })).toBeNull()
    expect(await sync()).toMatchObject({ state: 'idle', step: null, finishedAt: new Date(at(2)), error: null })
  })

  test.each([
    ['retrying', retrying],
    ['paused', paused],
  ] as const)('running → %s → queued, where the error stays until it went well', async (state, outcome) => {
    await request('full')
    expect(await begin()).toBe('full')
    await end(outcome)
    expect(await sync()).toMatchObject({ state, retryAt: new Date(at(9)), error: PROBLEM, finishedAt: null })

    expect(await request()).toBe('queued')
    // What was to be full is not weakened by a soft request.
    expect(await sync()).toMatchObject({ state: 'queued', mode: 'full', retryAt: null, error: PROBLEM })
    expect(await begin()).toBe('full')
    await end({ kind: 'done' })
    expect(await sync()).toMatchObject({ state: 'idle', error: null })
  })

  test('paused without a time waits for the next request', async () => {
    await begin()
    await end({ kind: 'paused', problem: PROBLEM, until: null })

    expect(await sync()).toMatchObject({ state: 'paused', retryAt: null })
  })

  test('tries are counted while they fail in a row', async () => {
    for (let tries = 1; tries <= 3; tries++) {
      await begin()
      await end(retrying)
      expect(await findSyncAttempts(db.read, id)).toBe(tries)
    }
    await begin()
    await end({ kind: 'done' })
    expect(await findSyncAttempts(db.read, id)).toBe(0)
  })

  test.each(['queued', 'retrying', 'paused'])('%s → idle when cancelled', async (state) => {
    await begin()
    await end(state === 'paused' ? paused : retrying)
    if (state === 'queued') await request()

    expect(await cancel()).toBe(true)
    expect(await sync()).toMatchObject({ state: 'idle', retryAt: null })
    expect(await cancel()).toBe(false)
  })

  test('running → idle when cancelled, and it says so', async () => {
    await begin()
    expect(await cancel()).toBe(false)

    await end({ kind: 'cancelled' })

    expect(await sync()).toMatchObject({ state: 'idle', error: { code: 'cancelled' }, finishedAt: null })
  })

  test('idle → queued forgets a full mode of the past, a full request makes it full', async () => {
    await request('full')
    await begin()
    await end({ kind: 'done' })
    await request('soft')
    expect(await sync()).toMatchObject({ mode: 'soft' })
    await request('full')
    await request('soft')
    expect(await sync()).toMatchObject({ mode: 'full' })
  })

  test.each([
    [['soft'], 'soft'],
    [['soft', 'full'], 'full'],
    [['full', 'soft'], 'full'],
  ] as const)('requests %j during a run are remembered as %s', async (modes, remembered) => {
    await begin()
    for (const mode of modes) expect(await request(mode)).toBe('remembered')
    expect(await sync()).toMatchObject({ state: 'running', mode: 'soft' })

    expect(await end({ kind: 'done' })).toBe(remembered)
    await request(remembered)
    expect(await begin()).toBe(remembered)
    expect(await end({ kind: 'done' })).toBeNull()
  })

  test('running → queued when the process died, with the entry ended', async () => {
    await begin()

    await db.write('interactive', (tx) => failInterruptedSyncs(tx, at(5)))

    expect(await sync()).toMatchObject({ state: 'queued', step: null })
    const [journal] = await listSyncs(db.read, id, { before: null, limit: 10 })
    expect(journal).toMatchObject({ outcome: 'failed', finishedAt: new Date(at(5)), error: { code: 'interrupted' } })
  })

  test('a run that begins after one that died ends its entry', async () => {
    await begin('soft', 1)
    await begin('soft', 3)

    const journal = await listSyncs(db.read, id, { before: null, limit: 10 })
    expect(journal.map(({ outcome }) => outcome)).toEqual(['running', 'failed'])
    expect(journal[1]).toMatchObject({ finishedAt: new Date(at(3)), error: { code: 'interrupted' } })
  })

  test.each([
    ['full', 'full'],
    ['soft', 'soft'],
  ] as const)('a %s request that was remembered when the process died is served by the next run', async (remembered, mode) => {
    await begin()
    await request(remembered)
    await db.write('interactive', (tx) => failInterruptedSyncs(tx, at(5)))
    await request('soft')

    expect(await begin()).toBe(mode)
    expect(await end({ kind: 'done' })).toBeNull()
  })

  test('what waits without a job is found, unless it is unlinked', async () => {
    await begin()
    await end(paused)
    expect(await withoutJob()).toEqual([])
    await request('full')
    expect(await withoutJob()).toEqual([{ id, mode: 'full' }])
    const job = {
      name: 'sync-repository',
      key: `sync:${id}`,
      payload: '{}',
      priority: 0,
      run_at: 0,
      attempts: 0,
      locked_until: null,
      locked_by: null,
      last_error: null,
    }
    await db.write('interactive', (tx) => tx.insertInto('jobs').values(job).execute())
    expect(await withoutJob()).toEqual([])
    await db.write('interactive', async (tx) => {
      await tx.deleteFrom('jobs').execute()
      await tx.updateTable('repositories').set({ linked: 0 }).execute()
    })
    expect(await withoutJob()).toEqual([])
  })

  test('running is asked to end, and what was remembered is forgotten with it', async () => {
    await begin()
    expect(await isSyncCancelled(db.read, id)).toBe(false)
    expect(await db.write('background', (tx) => holdSync(tx, id))).toBe(true)
    await request('full')

    await db.write('interactive', (tx) => cancelRunningSync(tx, id))

    expect(await isSyncCancelled(db.read, id)).toBe(true)
    expect(await db.write('background', (tx) => holdSync(tx, id))).toBe(false)
    expect(await end({ kind: 'cancelled' })).toBeNull()
    expect(await isSyncCancelled(db.read, id)).toBe(false)
  })

  test('cancelling has no effect on what does not run', async () => {
    await request()

    await db.write('interactive', (tx) => cancelRunningSync(tx, id))

    expect(await isSyncCancelled(db.read, id)).toBe(false)
  })

  test('a cancelled run whose process died ends at once, unless somebody asked again', async () => {
    await begin()
    await db.write('interactive', (tx) => cancelRunningSync(tx, id))
    await db.write('interactive', (tx) => failInterruptedSyncs(tx, at(5)))
    await begin()
    expect(await isSyncCancelled(db.read, id)).toBe(true)

    await db.write('interactive', (tx) => failInterruptedSyncs(tx, at(6)))
    await request()
    await begin()
    expect(await isSyncCancelled(db.read, id)).toBe(false)
  })

  test('any state → idle when nothing is to be synchronised any more', async () => {
    await begin()
    await request('full')

    await db.write('interactive', (tx) => dropSync(tx, id, at(5)))

    expect(await sync()).toMatchObject({ state: 'idle', step: null, retryAt: null })
    const [journal] = await listSyncs(db.read, id, { before: null, limit: 1 })
    expect(journal).toMatchObject({ outcome: 'failed' })
  })

  test('running → paused when its job is given up; what was remembered is told', async () => {
    await begin()
    await request('full')
    const abandon = () => db.write('interactive', (tx) => abandonSync(tx, id, { problem: PROBLEM, now: at(5) }))

    expect(await abandon()).toBe('full')

    expect(await sync()).toMatchObject({ state: 'paused', error: PROBLEM, retryAt: null })
    expect(await abandon()).toBeNull()
  })

  test('a repository that is gone at the end of its run is told apart', async () => {
    await begin()
    await db.write('interactive', (tx) => tx.deleteFrom('repositories').execute())

    expect(await end({ kind: 'done' })).toBe('gone')
    expect(await db.write('background', (tx) => holdSync(tx, id))).toBe(false)
    expect(await isSyncCancelled(db.read, id)).toBe(true)
    await expect(begin()).rejects.toThrow()
  })

  test('progress is shown while it runs and kept in the journal', async () => {
    await begin()
    await db.write('background', (tx) =>
      setSyncProgress(tx, id, { commits: 3, branches: 2, pullRequests: 1, issues: 4, step: 'history' }),
    )
    expect(await sync()).toMatchObject({ step: 'history', progress: { commits: 3, branches: 2, pullRequests: 1, issues: 4 } })

    await end({ kind: 'done' })

    const [journal] = await listSyncs(db.read, id, { before: null, limit: 10 })
    expect(journal).toMatchObject({ trigger: 'test', mode: 'soft', outcome: 'done', progress: { commits: 5 } })
  })

  test('the journal is read newest first, page by page', async () => {
    for (let run = 1; run <= 3; run++) {
      await begin('soft', run)
      await end({ kind: 'done' }, run)
    }

    const first = await listSyncs(db.read, id, { before: null, limit: 2 })
    const second = await listSyncs(db.read, id, { before: Number(first[1]?.id), limit: 2 })

    expect([...first, ...second].map(({ startedAt }) => startedAt.getTime())).toEqual([at(3), at(2), at(1)])
  })

  test('history is incomplete from its beginning to its end', async () => {
    const read = async () => {
      const repository = await findRepository(db.read, id)
      return [repository?.historyComplete, repository?.generation, repository?.rulesVersion]
    }
    await db.write('background', (tx) => endHistory(tx, id, { rulesVersion: 1, syncId: 1, foundEmpty: false }))
    expect(await read()).toEqual([true, 0, 1])
    await db.write('background', (tx) => beginHistory(tx, id, 4))
    expect(await read()).toEqual([false, 4, 1])
  })

  test('the last activity never goes back, the mark of pull requests is what it is told', async () => {
    for (const minute of [5, 9, 7]) await db.write('background', (tx) => raiseLastActivity(tx, id, at(minute)))
    await db.write('background', (tx) => setPullRequestsSince(tx, id, at(3)))
    expect(await findRepository(db.read, id)).toMatchObject({ lastActivity: new Date(at(9)), pullRequestsSince: new Date(at(3)) })

    await db.write('background', (tx) => setPullRequestsSince(tx, id, null))
    expect(await findRepository(db.read, id)).toMatchObject({ pullRequestsSince: null })
  })
})
