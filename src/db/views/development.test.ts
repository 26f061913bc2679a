import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountId, type RepositoryId } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { saveAccount } from '../stores/accounts.ts'
import { replaceBranches } from '../stores/branches.ts'
import { prepareCommits, saveCommits } from '../stores/commits.ts'
import type { KeyedCommit } from '../stores/gather-commits.ts'
import { savePullRequests, type KeyedPullRequest } from '../stores/pull-requests.ts'
import { setRepositorySettings } from '../stores/repositories.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { accountSettings, addRepository, at, commit, keys, pullRequest, shaOf } from '../test-rows.ts'
import { readDevelopment, readDevelopmentPage } from './development.ts'
import { branchPosition } from './development-branches.ts'
import { commitPosition } from './development-commits.ts'
import { pullRequestPosition } from './development-pull-requests.ts'

describe.each(KINDS)('development information on %s', (kind) => {
  let place: TestPlace
  let db: Database
  let shop: RepositoryId
  let tools: RepositoryId

  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
  })
  beforeEach(() =>
    db.write('background', async (tx) => {
      for (const table of ['accounts', 'repositories', 'commits', 'commit_keys', 'branches', 'branch_keys'] as const)
        await tx.deleteFrom(table).execute()
      for (const table of ['pull_requests', 'pull_request_keys', 'issues'] as const) await tx.deleteFrom(table).execute()
      shop = await addRepository(tx, accountId('acme'), 1)
      tools = await addRepository(tx, accountId('beta'), 2)
      // What holds commits was synchronised.
      await tx
        .updateTable('repositories')
        .set({ sync_started_at: at(0) })
        .execute()
    }),
  )
  afterAll(() => place.remove())

  const saveAll = (commits: readonly KeyedCommit[], repositoryId = shop) =>
    db.write('background', (tx) => saveCommits(tx, prepareCommits({ repositoryId, generation: 1, commits, rekey: false }), at(0)))
  const saveRequests = (pullRequests: readonly KeyedPullRequest[], repositoryId = shop) =>
    db.write('background', (tx) => savePullRequests(tx, { repositoryId, generation: 1, pullRequests, dueAt: at(0) }))
  const saveBranches = (branches: readonly (readonly [string, number, ...string[]])[], repositoryId = shop) =>
    db.write('background', (tx) =>
      replaceBranches(tx, repositoryId, {
        branches: branches.map(([name, head, ...names]) => ({ name, head: shaOf(head), headAt: at(head), keys: keys(...names) })),
        dueAt: at(0),
      }),
    )
  const read = (names: readonly string[], limit = 100) => readDevelopment(db.read, { keys: keys(...names), limit })

  test('everything of an issue, newest first, from every repository', async () => {
    await saveAll([commit(1, ['SHOP-1']), commit(3, ['SHOP-1', 'SHOP-2']), commit(4, ['SHOP-2'])])
    await saveAll([commit(2, ['SHOP-1'], { merge: true })], tools)
    await saveBranches([
      ['SHOP-1-a', 5, 'SHOP-1'],
      ['SHOP-1-b', 6, 'SHOP-1'],
      ['main', 7],
    ])
    await saveRequests([
      pullRequest(1, ['SHOP-1']),
      pullRequest(2, ['SHOP-1'], { status: 'MERGED' }),
      pullRequest(3, ['SHOP-1'], { status: 'DECLINED' }),
    ])

    const found = await read(['SHOP-1'])

    expect(found.counts).toEqual({ branches: 2, commits: 3, open: 1, merged: 1, declined: 1 })
    expect(found.commits.map(({ sha, repositoryId }) => [sha, String(repositoryId)])).toEqual([
      [shaOf(3), shop],
      [shaOf(2), tools],
      [shaOf(1), shop],
    ])
    expect(found.commits[1]).toMatchObject({
      message: 'SHOP-1 change 2',
      authorName: 'Ann Ember',
      authorEmail: 'ann@example.com',
      authoredAt: at(2),
      merge: true,
    })
    expect(found.branches.map(({ name }) => name)).toEqual(['SHOP-1-b', 'SHOP-1-a'])
    expect(found.pullRequests.map(({ number }) => number)).toEqual([3, 2, 1])
    expect(found.pullRequests[2]).toMatchObject({
      title: 'Request 1',
      draft: false,
      reviewers: [{ name: 'Bo Lind', state: 'APPROVED' }],
      commentCount: 2,
    })
  })

  test('the lists end at the limit, the counts do not', async () => {
    await saveAll(Array.from({ length: 120 }, (_, number) => commit(number + 1, ['SHOP-1'])))
    await saveBranches(Array.from({ length: 120 }, (_, number) => [`SHOP-1-${number}`, number + 1, 'SHOP-1'] as const))
    await saveRequests(Array.from({ length: 120 }, (_, number) => pullRequest(number + 1, ['SHOP-1'])))

    const found = await read(['SHOP-1'])

    expect(found.counts).toEqual({ branches: 120, commits: 120, open: 120, merged: 0, declined: 0 })
    expect([found.commits.length, found.branches.length, found.pullRequests.length]).toEqual([100, 100, 100])
    expect(found.commits[0]?.sha).toBe(shaOf(120))
  })

  test('what names several keys of one issue is told once', async () => {
    await saveAll([commit(1, ['SHOP-1', 'PAY-2']), commit(2, ['PAY-2'])])
    await saveBranches([['SHOP-1-PAY-2', 1, 'SHOP-1', 'PAY-2']])
    await saveRequests([pullRequest(1, ['SHOP-1', 'PAY-2'])])

    const found = await read(['SHOP-1', 'PAY-2'])

    expect(found.counts).toEqual({ branches: 1, commits: 2, open: 1, merged: 0, declined: 0 })
    expect(found.commits).toHaveLength(2)
    expect(found.branches).toHaveLength(1)
    expect(found.pullRequests).toHaveLength(1)
  })

  test('repositories that are not linked tell nothing', async () => {
    await saveAll([commit(1, ['SHOP-1'])])
    await saveAll([commit(2, ['SHOP-1'])], tools)
    await saveBranches([['SHOP-1', 1, 'SHOP-1']])
    await saveRequests([pullRequest(1, ['SHOP-1'])])

    await db.write('interactive', (tx) => setRepositorySettings(tx, shop, { linked: false }))

    const found = await read(['SHOP-1'])
    expect(found.counts).toEqual({ branches: 0, commits: 1, open: 0, merged: 0, declined: 0 })
    expect(found.commits.map(({ sha }) => sha)).toEqual([shaOf(2)])
  })

  test('an account tells only the projects that it is for', async () => {
    await saveAll([commit(1, ['SHOP-1', 'PAY-1'])])
    await saveAll([commit(2, ['SHOP-1', 'PAY-1'])], tools)
    const restrict = (account: string, jiraProjects: string[]) =>
      db.write('interactive', (tx) => saveAccount(tx, accountSettings(account, { jiraProjects }), {}, at(0)))

    await restrict('acme', ['PAY'])
    expect((await read(['SHOP-1'])).counts.commits).toBe(1)
    expect((await read(['PAY-1'])).counts.commits).toBe(2)
    await restrict('beta', ['PAY', 'OPS'])
    expect((await read(['SHOP-1'])).counts.commits).toBe(0)
    // A moved issue: one of its keys is enough.
    expect((await read(['SHOP-1', 'PAY-1'])).counts.commits).toBe(2)
  })

  test('an issue that nothing names is empty', async () => {
    expect(await read(['SHOP-1'])).toEqual({
      counts: { branches: 0, commits: 0, open: 0, merged: 0, declined: 0 },
      hidden: { commits: 0, branches: 0, pullRequests: 0 },
      buildCounts: { successful: 0, failed: 0, inProgress: 0 },
      environments: [],
      branches: [],
      commits: [],
      pullRequests: [],
      builds: [],
      deployments: [],
    })
  })

  test('pages meet every entry once, also those of the same time', async () => {
    const sameTime = { authoredAt: new Date(at(5)) }
    await saveAll(Array.from({ length: 7 }, (_, number) => commit(number + 1, ['SHOP-1'], sameTime)))
    await saveBranches(Array.from({ length: 7 }, (_, number) => [`SHOP-1-${number}`, 5, 'SHOP-1'] as const))
    await saveBranches([['SHOP-1-1', 5, 'SHOP-1']], tools)
    await saveRequests(
      Array.from({ length: 7 }, (_, number) => pullRequest(number + 1, ['SHOP-1'], { updatedAt: new Date(at(5)) })),
    )
    const walk = async <Row>(
      page: (after: readonly (string | number)[] | null) => Promise<Row[]>,
      position: (row: Row) => readonly (string | number)[],
    ) => {
      const seen: Row[] = []
      for (let after: readonly (string | number)[] | null = null; ;) {
        const rows: Row[] = await page(after)
        seen.push(...rows)
        const last = rows.at(-1)
        if (last === undefined) return new Set(seen.map((row) => JSON.stringify(row))).size === seen.length ? seen.length : -1
        after = position(last)
      }
    }
    const query = { keys: keys('SHOP-1'), limit: 3 }

    expect(await walk((after) => readDevelopmentPage(db.read, 'commits', { ...query, after }), commitPosition)).toBe(7)
    expect(await walk((after) => readDevelopmentPage(db.read, 'branches', { ...query, after }), branchPosition)).toBe(8)
    expect(await walk((after) => readDevelopmentPage(db.read, 'pullRequests', { ...query, after }), pullRequestPosition)).toBe(7)
  })
})
