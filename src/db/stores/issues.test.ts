import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountId, issueKey, type RepositoryId } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { addRepository, at, commit, keys, listIssues, pullRequest, shaOf } from '../test-rows.ts'
import { replaceBranches } from './branches.ts'
import { prepareCommits, saveCommits } from './commits.ts'
import {
  countIssuesByState,
  countIssuesToDeliver,
  findNextDue,
  listDueIssues,
  listKeysOfJiraIssue,
  listKeysOfSameIssue,
  listUnknownIssues,
  markIssuesDirty,
  markRepositoryIssuesDirty,
  recordDelivery,
  retryIssues,
  retryUnknownIssues,
  saveDeliveredContent,
  saveIssueIdentity,
  setAsideUnknownProjects,
  type DeliveryOutcome,
} from './issues.ts'
import { replaceProjects } from './projects.ts'
import { savePullRequests } from './pull-requests.ts'

const REASON = { code: 'jira-refused', message: 'no', remedy: null }
const CLEAN: DeliveryOutcome = { state: 'clean', contentHash: 'hash' }

describe.each(KINDS)('issues on %s', (kind) => {
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
      for (const table of ['issues', 'projects'] as const) await tx.deleteFrom(table).execute()
    }),
  )
  afterAll(() => place.remove())

  const mark = (name: string, { newest = 1, dueAt = 10 } = {}) =>
    db.write('background', (tx) => markIssuesDirty(tx, [{ key: issueKey(name), at: at(newest) }], at(dueAt)))
  const due = async (minute = 1_000) => (await listDueIssues(db.read, { now: at(minute), limit: 100 })).map(({ key }) => key)
  const get = (name: string) => db.read.selectFrom('issues').selectAll().where('issue_key', '=', name).executeTakeFirstOrThrow()
  const record = (name: string, version: number, outcome: DeliveryOutcome) =>
    db.write('interactive', (tx) => recordDelivery(tx, { key: issueKey(name), version }, outcome, at(50)))
  const know = (...names: string[]) =>
    db.write('interactive', (tx) =>
      replaceProjects(
        tx,
        names.map((key, index) => ({ id: String(index + 1), key, formerKeys: [], name: key })),
      ),
    )

  test('a burst keeps its first due time, so that it is one write', async () => {
    await mark('SHOP-1', { dueAt: 10 })
    await mark('SHOP-1', { dueAt: 20 })
    await mark('SHOP-1', { dueAt: 5 })

    expect(await get('SHOP-1')).toMatchObject({ state: 'dirty', version: 3, due_at: at(10) })
    expect(await due(9)).toEqual([])
    expect(await due(10)).toEqual(['SHOP-1'])
  })

  test('one marking of many entities raises the version once and takes the newest time', async () => {
    await db.write('background', (tx) =>
      markIssuesDirty(
        tx,
        [
          { key: issueKey('SHOP-1'), at: at(3) },
          { key: issueKey('SHOP-1'), at: at(9) },
          { key: issueKey('MY_PROJ-7'), at: at(1) },
        ],
        at(10),
      ),
    )

    expect(await get('SHOP-1')).toMatchObject({ version: 1, newest_at: at(9), project_key: 'SHOP' })
    expect(await get('MY_PROJ-7')).toMatchObject({ project_key: 'MY_PROJ' })
  })

  test('the newest time never goes back', async () => {
    await mark('SHOP-1', { newest: 9 })
    await mark('SHOP-1', { newest: 3 })

    expect((await get('SHOP-1')).newest_at).toBe(at(9))
  })

  test('newest activity goes first, up to the limit', async () => {
    await mark('SHOP-1', { newest: 1 })
    await mark('SHOP-3', { newest: 3 })
    await mark('SHOP-2', { newest: 2 })

    expect(await due()).toEqual(['SHOP-3', 'SHOP-2', 'SHOP-1'])
    expect((await listDueIssues(db.read, { now: at(1_000), limit: 1 })).map(({ key }) => key)).toEqual(['SHOP-3'])
  })

  test('what was delivered is clean and waits no more', async () => {
    await mark('SHOP-1')

    await record('SHOP-1', 1, CLEAN)

    expect(await get('SHOP-1')).toMatchObject({
      state: 'clean',
      due_at: null,
      content_hash: 'hash',
      delivered_at: at(50),
      reason: null,
    })
    expect(await due()).toEqual([])
    expect(await findNextDue(db.read)).toBeNull()
  })

  test.each([CLEAN, { state: 'refused', reason: REASON }, { state: 'unknown', reason: REASON }] satisfies DeliveryOutcome[])(
    'a change while sending stays due ($state)',
    async (outcome) => {
      await mark('SHOP-1')
      await mark('SHOP-1', { dueAt: 20 })

      await record('SHOP-1', 1, outcome)

      expect(await get('SHOP-1')).toMatchObject({ state: 'dirty', due_at: at(10), version: 2 })
    },
  )

  test('what passes is tried again at its time', async () => {
    await mark('SHOP-1')

    await record('SHOP-1', 1, { state: 'retrying', at: at(60), reason: REASON })
    await record('SHOP-1', 1, { state: 'retrying', at: at(70), reason: REASON })

    expect(await get('SHOP-1')).toMatchObject({ state: 'retrying', due_at: at(70), attempts: 2 })
    expect(await findNextDue(db.read)).toBe(at(70))
  })

  test('a refused issue keeps the reason until it changes', async () => {
    await mark('SHOP-1')
    await record('SHOP-1', 1, { state: 'refused', reason: REASON })
    expect(await get('SHOP-1')).toMatchObject({ state: 'refused', due_at: null, reason: JSON.stringify(REASON) })

    await mark('SHOP-1', { dueAt: 90 })

    expect(await get('SHOP-1')).toMatchObject({ state: 'dirty', due_at: at(90), version: 2 })
  })

  test('issues of projects that Jira does not have are set aside, not sent and not forgotten', async () => {
    await know('SHOP')
    await mark('SHOP-1')
    await mark('UTF-8')

    await db.write('interactive', (tx) => setAsideUnknownProjects(tx))

    expect(await due()).toEqual(['SHOP-1'])
    expect(await get('UTF-8')).toMatchObject({ state: 'unknown', due_at: null })
    expect(await countIssuesToDeliver(db.read)).toBe(1)
    expect(await countIssuesByState(db.read)).toEqual({ clean: 0, dirty: 1, retrying: 0, refused: 0, unknown: 1 })
  })

  test('a project that comes gets what was set aside for it, and no other', async () => {
    await know('SHOP')
    for (const name of ['NEW-1', 'UTF-8']) await mark(name)
    await db.write('interactive', (tx) => setAsideUnknownProjects(tx))

    await db.write('interactive', (tx) => retryUnknownIssues(tx, ['NEW'], at(60)))

    expect(await due()).toEqual(['NEW-1'])
    expect(await get('NEW-1')).toMatchObject({ state: 'dirty', reason: null, due_at: at(60) })
    await db.write('interactive', (tx) => retryUnknownIssues(tx, [], at(60)))
    expect(await due()).toEqual(['NEW-1'])
  })

  test('unknown issues of known projects are listed newest first, to be asked for again', async () => {
    await know('SHOP')
    for (const [index, name] of ['SHOP-1', 'SHOP-2', 'UTF-8'].entries()) {
      await mark(name, { newest: index })
      await record(name, 1, { state: 'unknown', reason: REASON })
    }

    expect(await listUnknownIssues(db.read, { now: at(60), limit: 10 })).toEqual(['SHOP-2', 'SHOP-1'])
    expect(await listUnknownIssues(db.read, { now: at(60), limit: 1 })).toEqual(['SHOP-2'])
    await db.write('interactive', (tx) => retryIssues(tx, keys('SHOP-1'), at(70)))
    expect(await due()).toEqual(['SHOP-1'])
    await db.write('interactive', (tx) => retryIssues(tx, [], at(70)))
  })

  test('one Jira issue under several keys', async () => {
    for (const name of ['SHOP-1', 'PAY-9', 'SHOP-2']) await mark(name)
    await db.write('interactive', async (tx) => {
      await saveIssueIdentity(tx, issueKey('SHOP-1'), { jiraId: '77', currentKey: 'SHOP-1' })
      await saveIssueIdentity(tx, issueKey('PAY-9'), { jiraId: '77', currentKey: 'PAY-9' })
      await saveDeliveredContent(tx, '77', 'both')
    })

    expect((await listKeysOfSameIssue(db.read, issueKey('SHOP-1'))).toSorted()).toEqual(['PAY-9', 'SHOP-1'])
    expect(await listKeysOfSameIssue(db.read, issueKey('SHOP-2'))).toEqual(['SHOP-2'])
    expect(await listKeysOfSameIssue(db.read, issueKey('ABSENT-1'))).toEqual(['ABSENT-1'])
    expect(await listKeysOfJiraIssue(db.read, '77')).toEqual(['PAY-9', 'SHOP-1'])
    expect(await get('SHOP-1')).toMatchObject({ current_key: 'PAY-9', content_hash: 'both' })
    expect(await get('SHOP-2')).toMatchObject({ jira_id: null, content_hash: null })
  })

  test('linking or unlinking marks every issue that a repository names, each once', async () => {
    await db.write('background', async (tx) => {
      const commits = [commit(1, ['SHOP-1', 'SHOP-2'])]
      await saveCommits(tx, prepareCommits({ repositoryId, generation: 1, commits, rekey: false }), at(10))
      const branches = [{ name: 'SHOP-3', head: shaOf(1), headAt: at(1), keys: keys('SHOP-3', 'SHOP-1') }]
      await replaceBranches(tx, repositoryId, { branches, dueAt: at(10) })
      await savePullRequests(tx, { repositoryId, generation: 1, pullRequests: [pullRequest(1, ['SHOP-4'])], dueAt: at(10) })
    })
    await mark('SHOP-5')
    for (const name of ['SHOP-1', 'SHOP-2', 'SHOP-3', 'SHOP-4', 'SHOP-5']) await record(name, (await get(name)).version, CLEAN)
    const before = await listIssues(db.read)

    await db.write('background', (tx) => markRepositoryIssuesDirty(tx, repositoryId, at(80)))

    expect(before).toContain('SHOP-1 clean 2')
    expect(await listIssues(db.read)).toEqual([
      'SHOP-1 dirty 3',
      'SHOP-2 dirty 2',
      'SHOP-3 dirty 2',
      'SHOP-4 dirty 2',
      'SHOP-5 clean 1',
    ])
    expect((await get('SHOP-2')).due_at).toBe(at(80))
  })

  test('two transactions that mark the same issues in opposite order both end', async () => {
    const names = Array.from({ length: 300 }, (_, number) => `SHOP-${number + 1}`)
    const markAll = (list: readonly string[]) =>
      db.write('background', (tx) =>
        markIssuesDirty(
          tx,
          list.map((name) => ({ key: issueKey(name), at: at(1) })),
          at(10),
        ),
      )

    await Promise.all([markAll(names), markAll(names.toReversed()), markAll(names)])

    const versions = await db.read.selectFrom('issues').select('version').distinct().execute()
    expect(versions).toEqual([{ version: 3 }])
  })
})
