import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountId, type RepositoryId } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { addRepository, at, listIssues, pullRequest, shaOf } from '../test-rows.ts'
import {
  EVERY_GENERATION,
  listPullRequestHeads,
  savePullRequests,
  sweepPullRequests,
  type KeyedPullRequest,
} from './pull-requests.ts'

describe.each(KINDS)('pull requests on %s', (kind) => {
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
      for (const table of ['pull_requests', 'pull_request_keys', 'issues'] as const) await tx.deleteFrom(table).execute()
    }),
  )
  afterAll(() => place.remove())

  const save = (pullRequests: readonly KeyedPullRequest[], generation = 1) =>
    db.write('background', (tx) => savePullRequests(tx, { repositoryId, generation, pullRequests, dueAt: at(100) }))
  const sweep = (generation: number) =>
    db.write('background', (tx) => sweepPullRequests(tx, repositoryId, { generation, limit: 100, dueAt: at(200) }))
  const stored = async () => {
    const rows = await db.read
      .selectFrom('pull_requests as p')
      .innerJoin('pull_request_keys as k', 'k.pull_request_id', 'p.id')
      .select(['p.number', 'p.title', 'k.issue_key'])
      .orderBy('p.number')
      .orderBy('k.issue_key')
      .execute()
    return rows.map((row) => `!${row.number} ${row.title}: ${row.issue_key}`)
  }

  test('stores everything that the host tells', async () => {
    await save([pullRequest(1, ['SHOP-1', 'SHOP-2'], { draft: true, status: 'MERGED' })])

    const row = await db.read.selectFrom('pull_requests').selectAll().executeTakeFirstOrThrow()
    expect(row).toEqual({
      id: expect.any(Number),
      repository_id: Number(repositoryId),
      number: 1,
      title: 'Request 1',
      status: 'MERGED',
      draft: 1,
      source_branch: 'topic-1',
      target_branch: 'main',
      source_host_id: null,
      head_sha: shaOf(1_001),
      url: 'https://gitlab.example.com/acme/shop/-/merge_requests/1',
      author_name: 'Ann Ember',
      author_email: null,
      reviewers: '[{"name":"Bo Lind","state":"APPROVED"}]',
      comment_count: 2,
      created_at: at(0),
      updated_at: at(1),
      generation: 1,
    })
    expect(await stored()).toEqual(['!1 Request 1: SHOP-1', '!1 Request 1: SHOP-2'])
    expect(await listIssues(db.read)).toEqual(['SHOP-1 dirty 1', 'SHOP-2 dirty 1'])
  })

  test('one without keys is not stored', async () => {
    expect(await save([pullRequest(1, [])])).toEqual({ headsChanged: false, saved: [] })

    expect(await stored()).toEqual([])
    expect(await listIssues(db.read)).toEqual([])
  })

  test('an answer that is older than what is stored changes nothing', async () => {
    await save([pullRequest(1, ['SHOP-1'], { title: 'New', updatedAt: new Date(at(10)) })])

    await save([pullRequest(1, ['SHOP-2'], { title: 'Old', updatedAt: new Date(at(9)) })], 2)

    expect(await stored()).toEqual(['!1 New: SHOP-1'])
    expect(await listIssues(db.read)).toEqual(['SHOP-1 dirty 1'])
    expect(await sweep(2)).toBe(0)
  })

  test('a key that goes and a key that comes are both marked', async () => {
    await save([pullRequest(1, ['SHOP-1'])])

    await save([pullRequest(1, ['SHOP-2'], { updatedAt: new Date(at(5)) })])

    expect(await stored()).toEqual(['!1 Request 1: SHOP-2'])
    expect(await listIssues(db.read)).toEqual(['SHOP-1 dirty 2', 'SHOP-2 dirty 1'])
  })

  test('one that loses its last key is deleted, and its issues are marked', async () => {
    await save([pullRequest(1, ['SHOP-1']), pullRequest(2, ['SHOP-2'])])

    await save([pullRequest(1, [], { updatedAt: new Date(at(5)) })])

    expect(await stored()).toEqual(['!2 Request 2: SHOP-2'])
    expect(await listIssues(db.read)).toEqual(['SHOP-1 dirty 2', 'SHOP-2 dirty 1'])
  })

  test('says whether a head came, moved or went', async () => {
    const again = { updatedAt: new Date(at(5)) }
    const headsChanged = async (...pullRequests: KeyedPullRequest[]) => (await save(pullRequests)).headsChanged
    expect(await headsChanged(pullRequest(1, ['SHOP-1']))).toBe(true)
    expect(await headsChanged(pullRequest(1, ['SHOP-1'], { ...again, title: 'Other' }))).toBe(false)
    expect(await headsChanged(pullRequest(1, ['SHOP-1'], { ...again, headSha: shaOf(5) }))).toBe(true)
    expect(await headsChanged(pullRequest(1, [], again))).toBe(true)
    expect(await headsChanged()).toBe(false)
  })

  test('says which status each one had before', async () => {
    const merged = pullRequest(1, ['SHOP-1'], { status: 'MERGED', updatedAt: new Date(at(5)) })
    const before = async (pullRequests: readonly KeyedPullRequest[]) =>
      (await save(pullRequests)).saved.map(({ pullRequest: { number }, statusBefore }) => `!${number} ${statusBefore}`)
    expect(await before([pullRequest(1, ['SHOP-1']), pullRequest(2, [])])).toEqual(['!1 null'])
    expect(await before([merged])).toEqual(['!1 OPEN'])
    // An answer that was overtaken tells nothing.
    expect(await before([pullRequest(1, ['SHOP-1'])])).toEqual([])
  })

  test('a full listing sweeps what it did not meet', async () => {
    await save([pullRequest(1, ['SHOP-1']), pullRequest(2, ['SHOP-2'])])
    await save([pullRequest(2, ['SHOP-2'])], 2)

    expect(await sweep(2)).toBe(1)

    expect(await stored()).toEqual(['!2 Request 2: SHOP-2'])
    expect(await listIssues(db.read)).toContain('SHOP-1 dirty 2')
    expect(await sweep(EVERY_GENERATION)).toBe(1)
    expect(await stored()).toEqual([])
  })

  test('heads are listed for those that have one', async () => {
    await save([pullRequest(1, ['SHOP-1']), pullRequest(2, ['SHOP-2'], { headSha: null })])

    expect(await listPullRequestHeads(db.read, repositoryId)).toEqual([{ number: 1, headSha: shaOf(1_001) }])
  })
})
