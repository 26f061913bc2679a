import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountId, issueKey, type RepositoryId } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { addRepository, at, shaOf } from '../test-rows.ts'
import { readSmartCommitErrors, readSmartCommits } from '../views/smart-commits.ts'
import { askForAlias, confirmAlias, deleteAlias, findAlias, listAliases } from './smart-commit-aliases.ts'
import { askAgain, beginAction, countAttempt, endAction, endSmartCommit, skipSmartCommit } from './smart-commit-progress.ts'
import { claimCommands } from './smart-commit-claims.ts'
import { beginReply, endReply, failBrokenOffReplies, findNextReply } from './smart-commit-replies.ts'
import {
  deleteSmartCommits,
  findNextSmartCommit,
  findSmartCommit,
  pruneSmartCommits,
  recordSmartCommits,
  type NewSmartCommit,
} from './smart-commits.ts'
import {
  deleteSmartCommitToken,
  findSmartCommitToken,
  refuseSmartCommitToken,
  saveSmartCommitToken,
} from './smart-commit-tokens.ts'

const PROBLEM = { code: 'x', message: 'It failed.', remedy: null }

const commit = (number: number, more: Partial<NewSmartCommit> = {}): NewSmartCommit => ({
  sha: shaOf(number),
  author: { name: 'Ann Ember', email: 'ann@example.com' },
  authoredAt: new Date(at(number)),
  offsetMinutes: -210,
  merge: false,
  lines: `SHOP-${number} #comment text`,
  fingerprint: `whole ${number}`,
  skipped: null,
  actions: [action(number)],
  ...more,
})
const action = (number: number, argument = 'text') => ({
  key: issueKey(`SHOP-${number}`),
  name: 'comment',
  argument,
  fingerprint: `print ${number} ${argument}`,
})
/** What another commit has that is a copy of this one. */
const copyOf = (number: number): Partial<NewSmartCommit> => ({ actions: [action(number)] })

describe.each(KINDS)('smart commits on %s', (kind) => {
  let place: TestPlace
  let db: Database
  let shop: RepositoryId
  let fork: RepositoryId

  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
    shop = await db.write('background', (tx) => addRepository(tx, accountId('acme'), 1))
    fork = await db.write('background', (tx) => addRepository(tx, accountId('acme'), 2))
  })
  beforeEach(() =>
    db.write('background', async (tx) => {
      for (const table of [
        'smart_commits',
        'smart_commit_actions',
        'smart_commit_fingerprints',
        'smart_commit_aliases',
        'smart_commit_tokens',
      ] as const)
        await tx.deleteFrom(table).execute()
    }),
  )
  afterAll(() => place.remove())

  const record = (commits: readonly NewSmartCommit[], repositoryId = shop, now = at(100)) =>
    db.write('background', (tx) => recordSmartCommits(tx, { repositoryId, syncId: 1, now, commits }))
  const next = () => findNextSmartCommit(db.read, shop)
  const states = async (repositoryId = shop) => {
    const { items } = await readSmartCommits(db.read, { before: null, limit: 100, repositoryId })
    return items.map(({ sha, state, problem }) => `${Number(`0x${sha}`)} ${state}${problem === null ? '' : ` ${problem.code}`}`)
  }
  /** Brings every action of the next one to an end. */
  const finish = async (kindOfEnd: 'done' | 'failed', now = at(200)) => {
    const found = await next()
    if (found === null) throw new Error('none waits')
    const end =
      kindOfEnd === 'done'
        ? ({ kind: 'done', summary: 'ok', jiraId: '7' } as const)
        : ({ kind: 'failed', problem: PROBLEM } as const)
    await db.write('background', async (tx) => {
      for (const { id, attempts } of found.actions) await endAction(tx, { id, attempt: attempts }, { end, now })
      await endSmartCommit(tx, found.id, { now, reply: true })
    })
    return found.id
  }

  test('they are recorded once, and wait oldest first with everything that is known of them', async () => {
    expect(await record([commit(1), commit(2)])).toBe(2)
    expect(await record([commit(2), commit(3)])).toBe(1)

    expect(await states()).toEqual(['3 found', '2 found', '1 found'])
    expect(await next()).toMatchObject({
      repositoryId: shop,
      sha: shaOf(1),
      author: { name: 'Ann Ember', email: 'ann@example.com' },
      authoredAt: new Date(at(1)),
      offsetMinutes: -210,
      merge: false,
      lines: 'SHOP-1 #comment text',
      state: 'found',
      syncId: 1,
      recordedAt: new Date(at(100)),
      executedAt: null,
      actions: [{ position: 0, key: 'SHOP-1', name: 'comment', argument: 'text', state: 'found', attempts: 0 }],
    })
  })

  test('of two with one fingerprint the second is skipped, also in another repository and after its details are gone', async () => {
    await record([commit(1)])
    await record([commit(5, copyOf(1))], fork)
    await finish('done')
    await db.write('background', (tx) => pruneSmartCommits(tx, { before: at(101), limit: 10 }))
    await record([commit(6, copyOf(1))])

    expect(await states(fork)).toEqual([])
    expect(await states()).toEqual(['6 skipped smart-commit-executed-already'])
  })

  test('of two in one batch the older one is executed', async () => {
    expect(await record([commit(1), commit(2, copyOf(1))])).toBe(1)

    expect(await states()).toEqual(['2 skipped smart-commit-executed-already', '1 found'])
  })

  test('a skipped one claims nothing; one that failed wholly gives its fingerprint up', async () => {
    await record([commit(1, { skipped: PROBLEM })])
    expect(await record([commit(2, copyOf(1))])).toBe(1)
    await finish('failed')

    expect(await record([commit(3, copyOf(1))])).toBe(1)
    const claim = (number: number) => {
      const commands = [{ fingerprint: 'print 1 text', position: 0 }]
      return db.write('background', (tx) =>
        claimCommands(tx, { repositoryId: shop, sha: shaOf(number), now: 1, whole: 'x', commands }, true),
      )
    }
    expect((await claim(2)).get(0)).toMatchObject({ sha: shaOf(3), executed: true })
    expect((await claim(3)).size).toBe(0)
  })

  test('one that comes back after its record was pruned is not executed a second time', async () => {
    await record([commit(1)])
    await finish('done')
    await db.write('background', (tx) => pruneSmartCommits(tx, { before: at(101), limit: 10 }))

    expect(await record([commit(1)])).toBe(0)

    expect(await states()).toEqual(['1 skipped smart-commit-executed-already'])
  })

  test('one that was skipped before anything of it was begun gives its fingerprint up; one that was begun does not', async () => {
    await record([commit(1), commit(2)], fork)
    const { items } = await readSmartCommits(db.read, { before: null, limit: 10, repositoryId: fork })
    const begun = items.find(({ sha }) => sha === shaOf(2))
    await db.write('background', async (tx) => {
      const run = {
        attempt: 0,
        startedAt: null,
        actor: 'connector' as const,
        author: { userKey: 'JIRAUSER7', name: 'ann' },
        target: null,
        now: at(150),
      }
      await beginAction(tx, { commitId: String(begun?.id), actionId: begun?.actions[0]?.id ?? 0, ...run })
      for (const { id } of items) await skipSmartCommit(tx, String(id), PROBLEM)
    })

    expect(await record([commit(3, copyOf(1)), commit(4, copyOf(2))])).toBe(1)

    expect(await states()).toEqual(['4 skipped smart-commit-executed-already', '3 found'])
  })

  test('a repository that goes before its smart commits were begun takes their fingerprints with it', async () => {
    await record([commit(1)])
    await finish('done')
    await record([commit(2)])
    while ((await db.write('background', (tx) => deleteSmartCommits(tx, shop, 1))) > 0);

    await record([commit(3, copyOf(1)), commit(4, copyOf(2))], fork)

    expect(await states(fork)).toEqual(['4 found', '3 skipped smart-commit-executed-already'])
  })

  test('of two copies that come at the same moment one takes over what failed', async () => {
    await record([commit(1)])
    await finish('failed')
    const other = place.open()
    const take = (of: Database, { number, into }: { number: number; into: RepositoryId }) =>
      of.write('background', (tx) => {
        const commits = [commit(number, copyOf(1))]
        return recordSmartCommits(tx, { repositoryId: into, syncId: 1, now: at(300), commits })
      })
    // Both have come as far as they come while the row is locked, before either goes on.
    let taking: Promise<number[]> = Promise.resolve([])
    await place.open().write('background', async (tx) => {
      const lock = kind === 'postgres' ? sql`for update` : sql``
      await sql`select 1 from smart_commit_fingerprints ${lock}`.execute(tx)
      taking = Promise.all([take(db, { number: 2, into: shop }), take(other, { number: 3, into: fork })])
      await new Promise((resolve) => setTimeout(resolve, 1_000))
    })
    const found = await taking

    expect(found.toSorted((a, b) => a - b)).toEqual([0, 1])
  })

  test('an action goes from found over executing to its end, and the commit with it', async () => {
    await record([commit(1, { actions: [1, 2].map((number) => action(number)) })])
    const { id = '', actions = [] } = (await next()) ?? {}
    const [first, second] = actions.map((action) => action.id)
    const act = (actionId = 0) => ({
      commitId: id,
      actionId,
      attempt: 1,
      startedAt: null,
      actor: 'author' as const,
      author: { userKey: 'JIRAUSER7', name: 'ann' },
      target: null,
      now: at(150),
    })

    await db.write('background', (tx) => countAttempt(tx, { id: first ?? 0, attempts: 0 }))
    expect(await next()).toMatchObject({ state: 'found', actions: [{ state: 'found', attempts: 1 }, { attempts: 0 }] })
    await db.write('background', (tx) => beginAction(tx, act(first)))
    expect(await next()).toMatchObject({
      state: 'executing',
      actions: [{ state: 'executing', attempts: 1, userName: 'ann' }, {}],
    })
    await db.write('background', (tx) =>
      endAction(tx, { id: first ?? 0, attempt: 1 }, { end: { kind: 'done', summary: 'Commented.', jiraId: '10' }, now: at(151) }),
    )
    expect(await db.write('background', (tx) => endSmartCommit(tx, id, { now: at(152), reply: false }))).toBeNull()
    await db.write('background', (tx) =>
      endAction(tx, { id: second ?? 0, attempt: 0 }, { end: { kind: 'failed', problem: PROBLEM }, now: at(153) }),
    )
    expect(await db.write('background', (tx) => endSmartCommit(tx, id, { now: at(154), reply: false }))).toBe('failed')

    expect(await next()).toBeNull()
    expect(await findSmartCommit(db.read, id)).toMatchObject({
      state: 'failed',
      executedAt: new Date(at(154)),
      actions: [
        { state: 'done', summary: 'Commented.', jiraId: '10', actor: 'author', endedAt: new Date(at(151)) },
        { state: 'failed', problem: PROBLEM },
      ],
    })
    expect(await readSmartCommitErrors(db.read, [shop, fork], at(154))).toEqual(new Map([[shop, 1]]))
    expect(await readSmartCommitErrors(db.read, [shop], at(155))).toEqual(new Map())
  })

  test('asked again, only what failed is to be executed; what is done or waits is not asked for again', async () => {
    await record([commit(1)])
    const id = await finish('failed')
    const again = () => db.write('background', (tx) => askAgain(tx, id, 'ada'))

    expect(await again()).toBe(true)
    expect(await next()).toMatchObject({ state: 'found', askedBy: 'ada', actions: [{ state: 'found', problem: null }] })
    expect(await again()).toBe(false)
    await finish('done')
    expect(await again()).toBe(false)
  })

  test('an ended action and an ended commit are not changed by a run that comes late', async () => {
    await record([commit(1)])
    const id = await finish('done')
    const { actions = [] } = (await findSmartCommit(db.read, id)) ?? {}

    await db.write('background', async (tx) => {
      await endAction(tx, { id: actions[0]?.id ?? 0, attempt: 0 }, { end: { kind: 'failed', problem: PROBLEM }, now: at(300) })
      await skipSmartCommit(tx, id, PROBLEM)
    })

    expect(await findSmartCommit(db.read, id)).toMatchObject({ state: 'done', actions: [{ state: 'done' }] })
  })

  test('pruning keeps what waits and what is young; a repository takes its own with it', async () => {
    await record([commit(1), commit(2)])
    await finish('done')
    await record([commit(3, { skipped: PROBLEM })], shop, at(500))
    await record([commit(4)], fork)
    const prune = () => db.write('background', (tx) => pruneSmartCommits(tx, { before: at(400), limit: 10 }))

    expect([await prune(), await prune()]).toEqual([1, 0])
    expect(await states()).toEqual(['3 skipped x', '2 found'])
    while ((await db.write('background', (tx) => deleteSmartCommits(tx, shop, 1))) > 0);
    expect([await states(), await states(fork)]).toEqual([[], ['4 found']])
    const left = await db.read.selectFrom('smart_commit_actions').select('issue_key').execute()
    expect(left).toEqual([{ issue_key: 'SHOP-4' }])
  })

  test('they are found by state, issue, hash, author and command, page by page', async () => {
    await record([commit(1), commit(2, { skipped: PROBLEM }), commit(3, { lines: 'SHOP-3 #close 100% done' })])
    const find = async (filter: object, limit = 10, before: number | null = null) => {
      const { items, next: more } = await readSmartCommits(db.read, { before, limit, ...filter })
      return { shas: items.map(({ sha }) => Number(`0x${sha}`)), more }
    }

    expect((await find({ state: 'skipped' })).shas).toEqual([2])
    expect((await find({ text: 'shop-1' })).shas).toEqual([1])
    expect((await find({ text: shaOf(3).slice(0, 40) })).shas).toEqual([3])
    expect((await find({ text: 'ANN@example' })).shas).toEqual([3, 2, 1])
    expect((await find({ text: '100% d' })).shas).toEqual([3])
    expect((await find({ text: '1_0' })).shas).toEqual([])
    expect((await find({ accountId: accountId('other') })).shas).toEqual([])
    const first = await find({}, 2)
    expect(first.shas).toEqual([3, 2])
    expect(await find({}, 2, first.more)).toEqual({ shas: [1], more: null })
  })

  test('a reply is due once, after the outcome; what broke off is not due again', async () => {
    await record([commit(1), commit(2)])
    expect(await findNextReply(db.read, shop)).toBeNull()
    const id = await finish('failed')
    expect(await findNextReply(db.read, shop)).toBe(id)
    await db.write('background', (tx) => beginReply(tx, id))
    await db.write('background', (tx) => failBrokenOffReplies(tx, shop, PROBLEM))
    await db.write('background', (tx) => askAgain(tx, id, 'ada'))
    expect(await finish('done')).toBe(id)
    expect(await findNextReply(db.read, shop)).toBeNull()

    const other = await finish('done')
    await db.write('background', (tx) => endReply(tx, other, null))
    const { items } = await readSmartCommits(db.read, { before: null, limit: 10 })
    expect(items.map(({ reply }) => reply)).toEqual([
      { state: 'posted', problem: null },
      { state: 'failed', problem: PROBLEM },
    ])
  })

  test('an address is asked for by a person and confirmed by an administrator, in any case', async () => {
    const write = <T>(work: Parameters<typeof db.write<T>>[1]) => db.write('background', work)
    const ask = (userName: string, userKey: string) =>
      write((tx) => askForAlias(tx, { email: 'Ann@Home.example', userName, userKey, now: at(1) }))
    expect(await ask('ann', 'JIRAUSER7')).toBe(true)
    expect(await ask('eve', 'JIRAUSER8')).toBe(false)
    expect(await findAlias(db.read, 'ANN@home.example')).toMatchObject({
      userName: 'ann',
      userKey: 'JIRAUSER7',
      state: 'asked',
      confirmedAt: null,
    })

    await write((tx) =>
      confirmAlias(tx, { email: 'ann@home.EXAMPLE', userName: 'ann', userKey: 'JIRAUSER7', by: 'ada', now: at(2) }),
    )

    expect(await listAliases(db.read, { state: 'confirmed', userKey: 'JIRAUSER7', after: null, limit: 10 })).toMatchObject([
      { email: 'ann@home.example', userKey: 'JIRAUSER7', askedBy: 'ann', confirmedBy: 'ada', confirmedAt: new Date(at(2)) },
    ])
    expect(await listAliases(db.read, { state: 'asked', after: null, limit: 10 })).toEqual([])
    expect(await write((tx) => deleteAlias(tx, 'ann@home.example', 'JIRAUSER8'))).toBe(false)
    expect(await write((tx) => deleteAlias(tx, 'Ann@home.example'))).toBe(true)
  })

  test('a token that was refused is not that which was stored afterwards', async () => {
    const save = (tokenSealed: string) =>
      db.write('background', (tx) => saveSmartCommitToken(tx, { userKey: 'JIRAUSER1', userName: 'ann', tokenSealed, now: at(1) }))
    await save('first')
    await save('second')
    const refuse = (tokenSealed: string) =>
      db.write('background', (tx) => refuseSmartCommitToken(tx, { userKey: 'JIRAUSER1', tokenSealed }, PROBLEM))
    await refuse('first')
    expect(await findSmartCommitToken(db.read, { userName: 'ann' })).toMatchObject({ tokenSealed: 'second', problem: null })

    await refuse('second')

    expect(await findSmartCommitToken(db.read, { userKey: 'JIRAUSER1' })).toMatchObject({ problem: PROBLEM })
    expect(await db.write('background', (tx) => deleteSmartCommitToken(tx, 'JIRAUSER1'))).toBe(true)
  })
})
