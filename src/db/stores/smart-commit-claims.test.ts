import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountId, issueKey, type RepositoryId } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { addRepository, at, shaOf } from '../test-rows.ts'
import { readSmartCommits } from '../views/smart-commits.ts'
import { claimCommands, claimHistory, MERGE_COMMIT_CODE, RESTORED_CODE } from './smart-commit-claims.ts'
import { askAgain, beginAction, endAction, endSmartCommit, skipActions } from './smart-commit-progress.ts'
import {
  deleteSmartCommits,
  findNextSmartCommit,
  pruneSmartCommits,
  recordSmartCommits,
  type NewSmartCommit,
} from './smart-commits.ts'

const PROBLEM = { code: 'x', message: 'It failed.', remedy: null }

/** A commit of these commands, which are known by their names. */
const commit = (number: number, commands: readonly string[], more: Partial<NewSmartCommit> = {}): NewSmartCommit => ({
  sha: shaOf(number),
  author: { name: 'Ann Ember', email: 'ann@example.com' },
  authoredAt: new Date(at(1)),
  offsetMinutes: 0,
  merge: false,
  lines: commands.map((argument) => `SHOP-1 #comment ${argument}`).join('\n'),
  fingerprint: `whole ${commands.join()}`,
  skipped: null,
  actions: commands.map((argument) => ({
    key: issueKey('SHOP-1'),
    name: 'comment',
    argument,
    fingerprint: `print ${argument}`,
  })),
  ...more,
})

describe.each(KINDS)('claims of commands on %s', (kind) => {
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
      for (const table of ['smart_commits', 'smart_commit_actions', 'smart_commit_fingerprints'] as const)
        await tx.deleteFrom(table).execute()
    }),
  )
  afterAll(() => place.remove())

  const record = (commits: readonly NewSmartCommit[], repositoryId = shop) =>
    db.write('background', (tx) => recordSmartCommits(tx, { repositoryId, syncId: 1, now: at(100), commits }))
  const remember = (number: number, commands: readonly string[]) =>
    db.write('background', (tx) =>
      claimHistory(tx, {
        repositoryId: fork,
        now: at(90),
        commands: commands.map((name) => ({ sha: shaOf(number), fingerprint: `print ${name}` })),
      }),
    )
  /** `number state: command state, …`, oldest first, with codes of problems. */
  const recorded = async () => {
    const { items } = await readSmartCommits(db.read, { before: null, limit: 100 })
    return items.toReversed().map(({ sha, state, problem, actions }) => {
      const own = actions.map((action) => [action.argument, action.state, action.problem?.code].filter(Boolean).join(' '))
      return `${Number(`0x${sha}`)} ${[state, problem?.code].filter(Boolean).join(' ')}: ${own.join(', ')}`
    })
  }
  /** Brings the next one to its end: which commands fail, and which of these after they were begun. */
  const finish = async ({ failed = [], begun = [] }: { failed?: readonly string[]; begun?: readonly string[] } = {}) => {
    const found = await findNextSmartCommit(db.read, shop)
    if (found === null) throw new Error('none waits')
    await db.write('background', async (tx) => {
      for (const { id, argument, state } of found.actions) {
        if (state !== 'found') continue
        const run = {
          commitId: found.id,
          actionId: id,
          attempt: 0,
          startedAt: null,
          actor: 'connector',
          author: { userKey: 'JIRAUSER7', name: 'ann' },
          target: null,
          now: at(150),
        } as const
        if (!failed.includes(argument) || begun.includes(argument)) await beginAction(tx, run)
        const done = { kind: 'done', summary: 'ok', jiraId: '7' } as const
        await endAction(
          tx,
          { id, attempt: 0 },
          { end: failed.includes(argument) ? { kind: 'failed', problem: PROBLEM } : done, now: at(151) },
        )
      }
      await endSmartCommit(tx, found.id, { now: at(152), reply: false })
    })
    return found.id
  }
  const claimByHand = (number: number, command: string, repositoryId = shop) =>
    db.write('background', async (tx) => {
      const commands = [{ fingerprint: `print ${command}`, position: 0 }]
      const claims = { repositoryId, sha: shaOf(number), now: at(200), whole: `whole ${command}`, commands }
      return [...(await claimCommands(tx, claims, true)).values()]
    })

  test('of a commit that was amended by a command only that one is executed', async () => {
    await record([commit(1, ['a'])])
    await finish()

    expect(await record([commit(2, ['a', 'b'])])).toBe(1)
    await finish()

    expect(await recorded()).toEqual(['1 done: a done', '2 done: a skipped smart-commit-executed-already, b done'])
    expect(await record([commit(3, ['b', 'a'])])).toBe(0)
    expect((await recorded())[2]).toBe('3 skipped smart-commit-executed-already: b found, a found')
  })

  test('a copy executes what failed before anything was begun, and neither what was done nor what may have been', async () => {
    await record([commit(1, ['done', 'refused', 'unknown'])])
    await finish({ failed: ['refused', 'unknown'], begun: ['unknown'] })

    await record([commit(2, ['done', 'refused', 'unknown'])])

    expect((await recorded())[1]).toBe(
      '2 found: done skipped smart-commit-executed-already, refused found, unknown skipped smart-commit-executed-already',
    )
  })

  test('what a first import met is held: a copy is skipped, and executed only when a person asks for it', async () => {
    await remember(1, ['a'])

    expect(await record([commit(2, ['a'])])).toBe(0)

    expect(await recorded()).toEqual(['2 skipped smart-commit-not-certainly-new: a found'])
    expect(await claimByHand(2, 'a')).toEqual([])
    expect(await record([commit(3, ['a'])])).toBe(0)
    expect(await claimByHand(3, 'a')).toEqual([])
  })

  test('history takes nothing away from what was executed, nor waits to be', async () => {
    await record([commit(1, ['a'])])
    await remember(9, ['a', 'b'])
    await finish()

    await record([commit(2, ['a']), commit(3, ['b'])])

    expect((await recorded()).slice(1)).toEqual([
      '2 skipped smart-commit-executed-already: a found',
      '3 skipped smart-commit-not-certainly-new: b found',
    ])
    expect(await claimByHand(2, 'a')).toMatchObject([{ sha: shaOf(1), executed: true }])
  })

  test.each([
    RESTORED_CODE,
    MERGE_COMMIT_CODE,
    'smart-commit-relinked',
    'smart-commit-full-sync',
    'smart-commit-not-certainly-new',
    'smart-commits-too-many',
  ])('one that was skipped as %s is not executed by a copy either, until a person decides which one is', async (code) => {
    await record([commit(1, ['a'], { skipped: { ...PROBLEM, code } })])

    expect(await record([commit(2, ['a'])])).toBe(0)

    expect((await recorded())[1]).toBe('2 skipped smart-commit-not-certainly-new: a found')
    expect(await claimByHand(2, 'a')).toEqual([])
    expect(await claimByHand(1, 'a')).toEqual([])
  })

  test('a fingerprint of a whole commit that an older version stored still counts', async () => {
    const held = { fingerprint: 'whole a,b', repository_id: Number(shop), sha: shaOf(1), claimed_at: 1 }
    await db.write('background', (tx) => tx.insertInto('smart_commit_fingerprints').values(held).execute())

    expect(await record([commit(2, ['a', 'b'])])).toBe(0)

    expect(await recorded()).toEqual(['2 skipped smart-commit-executed-already: a found, b found'])
  })

  test('asked again, a command that another commit did meanwhile stays skipped', async () => {
    await record([commit(1, ['a', 'b'])])
    const id = await finish({ failed: ['a', 'b'] })
    await record([commit(2, ['a'])])
    await finish()

    await db.write('background', async (tx) => {
      await askAgain(tx, id, 'ada')
      await skipActions(tx, id, new Map([[0, PROBLEM]]))
    })

    expect((await recorded())[0]).toBe('1 found: a skipped x, b found')
  })

  test('a repository that goes releases what was not begun, command by command', async () => {
    await record([commit(1, ['a', 'b'])])
    await finish({ failed: ['b'] })
    await record([commit(2, ['c'], { skipped: { ...PROBLEM, code: RESTORED_CODE } })])
    await record([commit(4, ['d'], { skipped: { ...PROBLEM, code: 'smart-commit-relinked' } })])
    while ((await db.write('background', (tx) => deleteSmartCommits(tx, shop, 1))) > 0);

    await record([commit(3, ['a', 'b', 'c', 'd'])], fork)

    expect(await recorded()).toEqual([
      '3 found: a skipped smart-commit-executed-already, b found, ' +
        'c skipped smart-commit-executed-already, d skipped smart-commit-executed-already',
    ])
  })

  test('more commands than a statement takes are claimed, held and released', async () => {
    const names = Array.from({ length: 200 }, (_, index) => `c${index}`)
    await record([commit(1, names)])
    await finish()
    await db.write('background', (tx) => pruneSmartCommits(tx, { before: at(101), limit: 10 }))

    await record([commit(2, [...names.slice(1), 'new'])])

    const [entry = ''] = await recorded()
    expect(entry).toMatch(/^2 found: c1 skipped smart-commit-executed-already, .*, new found$/)
    expect(entry.match(/skipped/g)).toHaveLength(199)
  })
})
