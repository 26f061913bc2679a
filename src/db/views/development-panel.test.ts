import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountId, type RepositoryId } from '../../domain/ids.ts'
import { toNoise } from '../../domain/noise.ts'
import type { Database } from '../database.ts'
import { replaceBranches } from '../stores/branches.ts'
import {
  countFilesLoaded,
  listCommitsWithoutFiles,
  listIssuesWithoutFiles,
  markFilesLoaded,
  saveCommitFiles,
} from '../stores/commit-files.ts'
import { deleteCommits, KEPT_GENERATION, prepareCommits, saveCommits, sweepCommits } from '../stores/commits.ts'
import type { KeyedCommit } from '../stores/gather-commits.ts'
import { takeRefresh } from '../stores/issue-refreshes.ts'
import { deleteManualLink, forgetUnlinked, saveManualLink, type ManualLink } from '../stores/manual-links.ts'
import { savePullRequests, sweepPullRequests, type KeyedPullRequest } from '../stores/pull-requests.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { addRepository, at, commit, keys, pullRequest, shaOf } from '../test-rows.ts'
import { commitPosition } from './development-commits.ts'
import type { DevelopmentPosition } from './development-scope.ts'
import { readDevelopment, readDevelopmentPage } from './development.ts'
import { listRecentRepositories, listRepositoriesOfIssue } from './issue-repositories.ts'
import { findCommitsOfIssue, findStoredCommit } from './linkable.ts'
import { readManualLinkList } from './manual-link-list.ts'

const BOT = { name: 'Renovate Bot', email: 'renovate@example.com' }

describe.each(KINDS)('what the panel shows on %s', (kind) => {
  let place: TestPlace
  let db: Database
  let shop: RepositoryId
  let fork: RepositoryId

  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
  })
  beforeEach(() =>
    db.write('background', async (tx) => {
      for (const table of ['accounts', 'repositories', 'commits', 'commit_keys', 'branches', 'branch_keys'] as const)
        await tx.deleteFrom(table).execute()
      for (const table of ['pull_requests', 'pull_request_keys', 'issues', 'manual_links', 'commit_files'] as const)
        await tx.deleteFrom(table).execute()
      // The fork is there before its origin.
      fork = await addRepository(tx, accountId('acme'), 2)
      shop = await addRepository(tx, accountId('acme'), 1)
      await tx
        .updateTable('repositories')
        .set({ sync_started_at: at(0) })
        .execute()
      await tx.updateTable('repositories').set({ fork_of: '1' }).where('id', '=', Number(fork)).execute()
    }),
  )
  afterAll(() => place.remove())

  const saveAll = (commits: readonly KeyedCommit[], repositoryId = shop, more: { generation?: number; rekey?: boolean } = {}) =>
    db.write('background', (tx) =>
      saveCommits(tx, prepareCommits({ repositoryId, generation: 1, rekey: false, ...more, commits }), at(0)),
    )
  const saveRequests = (pullRequests: readonly KeyedPullRequest[], generation = 1) =>
    db.write('background', (tx) => savePullRequests(tx, { repositoryId: shop, generation, pullRequests, dueAt: at(0) }))
  const say = (link: Partial<ManualLink>) =>
    db.write('interactive', (tx) =>
      saveManualLink(tx, {
        key: keys('SHOP-1')[0] ?? ('' as never),
        action: 'link',
        kind: 'commit',
        repositoryId: shop,
        entity: shaOf(1),
        who: 'Ada',
        reason: 'forgotten',
        at: new Date(at(9)),
        ...link,
      }),
    )
  const sweep = (generation: number) =>
    db.write('background', (tx) => sweepCommits(tx, shop, { generation, limit: 100, dueAt: at(0) }))
  const read = (rules: readonly string[] = [], more: { showHidden?: boolean; limit?: number } = {}) =>
    readDevelopment(db.read, { keys: keys('SHOP-1'), limit: 100, noise: toNoise(rules), ...more })
  const shasOf = (found: { commits: readonly { sha: string }[] }) => found.commits.map(({ sha }) => sha)
  const readPages = async (limit: number, rules: readonly string[] = []) => {
    const all: string[] = []
    let after: DevelopmentPosition | null = null
    for (;;) {
      const query = { keys: keys('SHOP-1'), limit, after, noise: toNoise(rules) }
      const rows: Awaited<ReturnType<typeof readDevelopmentPage<'commits'>>> = await readDevelopmentPage(
        db.read,
        'commits',
        query,
      )
      all.push(...rows.map(({ sha }) => sha))
      const last = rows.at(-1)
      if (last === undefined) return all
      after = commitPosition(last)
    }
  }

  test('noise is left out of lists and counts, counted apart, and there when asked for', async () => {
    await saveAll([commit(1, ['SHOP-1']), commit(2, ['SHOP-1'], { author: BOT }), commit(3, ['SHOP-1'], { merge: true })])
    await db.write('background', (tx) =>
      replaceBranches(tx, shop, {
        branches: ['renovate/SHOP-1', 'SHOP-1-a'].map((name) => ({ name, head: shaOf(1), headAt: at(1), keys: keys('SHOP-1') })),
        dueAt: at(0),
      }),
    )
    await saveRequests([
      pullRequest(1, ['SHOP-1']),
      pullRequest(2, ['SHOP-1'], { status: 'DECLINED' }),
      pullRequest(3, ['SHOP-1'], { sourceBranch: 'renovate/x' }),
    ])
    const rules = ['renovate*', 'merge-commits', 'declined']

    const found = await read(rules)
    const all = await read(rules, { showHidden: true })

    expect(found.counts).toEqual({ branches: 1, commits: 1, open: 1, merged: 0, declined: 0 })
    expect(found.hidden).toEqual({ commits: 2, branches: 1, pullRequests: 2 })
    expect(shasOf(found)).toEqual([shaOf(1)])
    expect(found.branches.map(({ name }) => name)).toEqual(['SHOP-1-a'])
    expect(found.pullRequests.map(({ number }) => number)).toEqual([1])
    expect([all.counts, all.hidden]).toEqual([found.counts, found.hidden])
    expect(all.commits.map(({ sha, hidden }) => [sha, hidden])).toEqual([
      [shaOf(3), true],
      [shaOf(2), true],
      [shaOf(1), false],
    ])
    expect(all.branches.map(({ name, hidden }) => `${name} ${hidden}`)).toEqual(['renovate/SHOP-1 true', 'SHOP-1-a false'])
    expect(all.pullRequests.map(({ number, hidden }) => `${number} ${hidden}`)).toEqual(['3 true', '2 true', '1 false'])
  })

  test('pages go over what is hidden, also where thousands are of one second', async () => {
    const commits = Array.from({ length: 4_100 }, (_, index) =>
      commit(index + 1, ['SHOP-1'], {
        authoredAt: new Date(at(index < 40 ? 1 : 2)),
        ...(index % 2 === 0 ? {} : { author: BOT }),
      }),
    )
    await saveAll(commits)

    const shown = await readPages(1_000, ['author:renovate*'])

    expect(new Set(shown).size).toBe(2_050)
    expect(shown).toHaveLength(2_050)
    expect((await read(['author:renovate*'])).hidden.commits).toBe(2_050)
  })

  test('a commit that a fork has too is one row, of the origin, and counted once', async () => {
    await saveAll([commit(1, ['SHOP-1']), commit(2, ['SHOP-1'])])
    await saveAll([commit(1, ['SHOP-1']), commit(2, ['SHOP-1']), commit(3, ['SHOP-1'])], fork)

    const found = await read()

    expect(found.counts.commits).toBe(3)
    expect(found.commits.map((row) => [row.sha, String(row.repositoryId), row.alsoIn.map(String)])).toEqual([
      [shaOf(3), fork, []],
      [shaOf(2), shop, [fork]],
      [shaOf(1), shop, [fork]],
    ])
    expect(await readPages(1)).toEqual([shaOf(3), shaOf(2), shaOf(1)])
    expect((await read(['merge-commits'])).counts.commits).toBe(3)
  })

  test('copies are counted once where something else is not shown', async () => {
    await saveAll([commit(1, ['SHOP-1'])])
    await saveAll([commit(1, ['SHOP-1'])], fork)
    await db.write('background', async (tx) => {
      const other = await addRepository(tx, accountId('acme'), 3)
      await tx.updateTable('repositories').set({ linked: 0, sync_started_at: 1 }).where('id', '=', Number(other)).execute()
    })

    expect((await read()).counts.commits).toBe(1)
  })

  test('a link by hand shows what names no issue, an unlink hides what does', async () => {
    await saveAll([commit(2, ['SHOP-1']), commit(3, ['SHOP-1'])])
    await saveAll([commit(1, [])], shop, { generation: KEPT_GENERATION })
    await saveRequests([pullRequest(1, ['SHOP-1']), pullRequest(2, ['PAY-1'])])

    await say({})
    await say({ action: 'unlink', entity: shaOf(3) })
    await say({ kind: 'pullRequest', entity: '2', reason: 'belongs here' })
    await say({ kind: 'pullRequest', entity: '1', action: 'unlink' })

    const found = await read()
    expect(shasOf(found)).toEqual([shaOf(2), shaOf(1)])
    expect(found.commits.map(({ linkedBy }) => linkedBy)).toEqual([
      null,
      { who: 'Ada', reason: 'forgotten', at: new Date(at(9)).toISOString() },
    ])
    expect(found.pullRequests.map(({ number, linkedBy }) => [number, linkedBy?.reason])).toEqual([[2, 'belongs here']])
    expect(found.counts).toMatchObject({ commits: 2, open: 1 })
    expect(await readPages(1)).toEqual([shaOf(2), shaOf(1)])
    const { items } = await readManualLinkList(db.read, keys('SHOP-1'), { before: null, limit: 10 })
    expect(items.map(({ action, entity, title }) => [action, entity, title])).toEqual([
      ['unlink', '1', 'Request 1'],
      ['link', '2', 'Request 2'],
      ['unlink', shaOf(3), 'SHOP-1 change 3'],
      ['link', shaOf(1), ' change 1'],
    ])
  })

  test('what is linked by hand stays after a full synchronisation, and loses the keys that it had', async () => {
    await saveAll([commit(1, ['PAY-1']), commit(2, ['SHOP-1'])])
    await saveRequests([pullRequest(1, ['PAY-1'])])
    await say({})
    await say({ kind: 'pullRequest', entity: '1' })

    // Nothing reaches the commit any more, and the request's title names no issue any more.
    await saveAll([commit(2, ['SHOP-1'])], shop, { generation: 2 })
    expect(await sweep(2)).toBe(1)
    expect(await sweep(2)).toBe(0)
    await saveRequests([pullRequest(1, [], { updatedAt: new Date(at(50)), status: 'MERGED' })], 2)
    await db.write('background', (tx) => sweepPullRequests(tx, shop, { generation: 2, limit: 10, dueAt: at(0) }))

    const found = await read()
    expect(shasOf(found)).toEqual([shaOf(2), shaOf(1)])
    expect(found.pullRequests.map(({ number, status }) => `${number} ${status}`)).toEqual(['1 MERGED'])
    expect((await readDevelopment(db.read, { keys: keys('PAY-1'), limit: 9 })).counts).toMatchObject({ commits: 0, merged: 0 })
  })

  test('a kept commit that a branch reaches again has its keys again', async () => {
    await saveAll([commit(1, ['PAY-1'])])
    await say({})
    await db.write('background', (tx) => deleteCommits(tx, shop, { shas: [shaOf(1)], dueAt: at(0) }))

    await saveAll([commit(1, ['PAY-1'])])

    expect((await readDevelopment(db.read, { keys: keys('PAY-1'), limit: 9 })).counts.commits).toBe(1)
    expect(await sweep(1)).toBe(0)
  })

  test('what only a link by hand held goes with it', async () => {
    await saveAll([commit(1, [])], shop, { generation: KEPT_GENERATION })
    const id = await say({})
    await saveAll([commit(2, ['SHOP-1'])])

    await db.write('interactive', async (tx) => {
      expect(await deleteManualLink(tx, keys('PAY-9'), id)).toBeNull()
      const link = await deleteManualLink(tx, keys('SHOP-1'), id)
      if (link !== null) await forgetUnlinked(tx, link)
    })

    expect(await findStoredCommit(db.read, shop, shaOf(1))).toBeNull()
    expect(shasOf(await read())).toEqual([shaOf(2)])
  })

  test('files come with their commit and go with it', async () => {
    await saveAll([commit(1, ['SHOP-1']), commit(2, ['SHOP-1'])])
    const id = (await findStoredCommit(db.read, shop, shaOf(1))) ?? 0
    const file = { path: 'a/ü\n"b', change: 'ADDED', added: 3, removed: null } as const
    const files = { fileCount: 120, exact: true, files: [file], loadedAt: new Date(at(3)) }
    await db.write('background', (tx) => saveCommitFiles(tx, { id, accountId: accountId('acme') }, files))
    await db.write('background', (tx) => saveCommitFiles(tx, { id: 999_999, accountId: accountId('acme') }, files))

    expect((await read()).commits.map(({ fileCount, files: shown }) => [fileCount, shown])).toEqual([
      [null, null],
      [120, [file]],
    ])
    await db.write('background', (tx) => deleteCommits(tx, shop, { shas: [shaOf(1)], dueAt: at(0) }))
    expect(await db.read.selectFrom('commit_files').select('commit_id').execute()).toEqual([])
  })

  test('repositories of an issue, and the copies of a commit in them, the origin first', async () => {
    await saveAll([commit(1, ['SHOP-1'])])
    await saveAll([commit(1, ['SHOP-1']), commit(2, ['PAY-1'])], fork)
    await say({ repositoryId: fork, entity: shaOf(2) })
    const repositoryIds = await listRepositoriesOfIssue(db.read, keys('SHOP-1'), 20)
    const copies = (number: number) => findCommitsOfIssue(db.read, keys('SHOP-1'), { sha: shaOf(number), repositoryIds })

    expect(repositoryIds.toSorted()).toEqual([fork, shop].toSorted())
    expect(await listRepositoriesOfIssue(db.read, keys('OPS-1'), 20)).toEqual([])
    expect((await listRecentRepositories(db.read, keys('OPS-1'), 20)).toSorted()).toEqual([fork, shop].toSorted())
    expect((await copies(1)).map(({ repositoryId }) => repositoryId)).toEqual([shop, fork])
    expect(await copies(2)).toHaveLength(1)
    await say({ repositoryId: fork, entity: shaOf(2), action: 'unlink' })
    expect(await copies(2)).toEqual([])
  })

  test('an issue is refreshed at most every ten seconds', async () => {
    await saveAll([commit(1, ['SHOP-1'])])
    const take = (now: number, name = 'SHOP-1') =>
      db.write('interactive', (tx) => takeRefresh(tx, keys(name), { now, atMostEveryMs: 10_000 }))

    expect([await take(50_000), await take(59_999), await take(60_000), await take(60_000, 'OPS-1')]).toEqual([
      true,
      false,
      true,
      false,
    ])
  })

  test('issues wait for files, newest first, until all that they show have them', async () => {
    await saveAll([commit(1, ['SHOP-1']), commit(2, ['SHOP-2']), commit(3, ['SHOP-3'])])
    await db.write('background', (tx) =>
      tx.updateTable('issues').set({ jira_id: '1' }).where('issue_key', 'in', keys('SHOP-1', 'SHOP-2')).execute(),
    )
    const list = (after: Parameters<typeof listIssuesWithoutFiles>[1]['after'] = null) =>
      listIssuesWithoutFiles(db.read, { after, limit: 10 })
    const [first, second] = await list()

    expect([first?.key, second?.key]).toEqual(keys('SHOP-2', 'SHOP-1'))
    expect((await list(first)).map(({ key }) => key)).toEqual(keys('SHOP-1'))
    const [waiting] = await listCommitsWithoutFiles(db.read, first?.key ?? ('' as never), 100)
    expect(waiting).toMatchObject({ sha: shaOf(2), accountId: 'acme', repository: { hostId: '1' } })
    const files = { fileCount: 0, exact: true, files: [], loadedAt: new Date(at(3)) }
    await db.write('background', async (tx) => {
      if (waiting !== undefined) await saveCommitFiles(tx, waiting, files)
      if (first !== undefined) await markFilesLoaded(tx, first, 0)
    })
    expect((await list()).map(({ key }) => key)).toEqual(keys('SHOP-1'))
    expect(await listCommitsWithoutFiles(db.read, first?.key ?? ('' as never), 100)).toEqual([])
    expect(await countFilesLoaded(db.read, accountId('acme'), new Date(at(2)))).toBe(1)
    expect(await countFilesLoaded(db.read, accountId('acme'), new Date(at(3)))).toBe(0)
  })
})
