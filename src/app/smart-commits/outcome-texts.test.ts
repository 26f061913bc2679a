import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findAccount } from '../../db/stores/accounts.ts'
import { toCopyProblem } from '../../db/stores/smart-commit-claims.ts'
import type { Account } from '../../domain/account.ts'
import type { Sha } from '../../domain/ids.ts'
import { toProblem, type Problem } from '../../domain/problem.ts'
import { executeAgain } from './ask-again.ts'
import { askForAuthor, confirmAuthor, removeAuthor, removeOwnToken, storeOwnToken } from './change-authors.ts'
import { findObstacle } from './find-obstacle.ts'
import { toRepeatedProblem } from './find-repeated.ts'
import * as reasons from './reasons-to-skip.ts'
import { endBrokenOffReplies } from './reply-on-host.ts'
import { RESTORED } from './restored.ts'
import { startSmartStory, type SmartStory } from './test-smart-story.ts'

// What people read for every code of a smart commit, word for word. A code of the documentation that is neither here nor in one
// of the tests named below fails the last test.

let story: SmartStory
let account: Account
beforeAll(async () => {
  story = await startSmartStory()
  await story.pushAndSync(['SHOP-1 #comment one'])
  const { accountId } = await story.stored(story.shop)
  const found = await findAccount(story.app.db.read, accountId)
  if (found === null) throw new Error('the test needs an account')
  account = found
}, 120_000)
afterAll(() => story.close())

/** What a refused wish says. */
async function refusal(work: () => Promise<unknown>): Promise<Problem> {
  try {
    await work()
  } catch (error) {
    return toProblem(error)
  }
  throw new Error('it was not refused')
}

const ann = { userName: 'ann', userKey: 'key of ann' }
const eve = { userName: 'eve', userKey: 'key of eve' }
const sha = 'abcdef0123456789abcdef0123456789abcdef01' as Sha
const holder = { sha, repository: 'acme/shop', executed: true }
const BY_HAND = 'An administrator can execute it.'

async function obstacle(change: Partial<Account>): Promise<Problem> {
  const proof = { isProved: () => Promise.resolve(false) }
  const rules = { account: { ...account, ...change }, trust: {}, proof }
  const found = await findObstacle(story.app, { issue: { project: { id: '1', key: 'PAY' } }, rules }, story.signal)
  if (found === null) throw new Error('nothing is in its way')
  return found
}

async function findBrokenOff(): Promise<Problem> {
  const { app, stored, shop } = story
  await app.db.write('interactive', (tx) => tx.updateTable('smart_commits').set({ reply_state: 'posting' }).execute())
  await endBrokenOffReplies(app, (await stored(shop)).id)
  const { reply_problem } = await app.db.read.selectFrom('smart_commits').select('reply_problem').executeTakeFirstOrThrow()
  return JSON.parse(reply_problem ?? '{}') as Problem
}

type Row = readonly [code: string, find: () => Problem | Promise<Problem>, message: string, remedy: string | null]

const ROWS: readonly Row[] = [
  [
    'smart-commit-relinked',
    () => reasons.RELINKED,
    'It was met when the repository was linked again: it came while it was not linked.',
    BY_HAND,
  ],
  ['smart-commit-full-sync', () => reasons.FULL, 'It was met by a full synchronisation, which executes nothing.', BY_HAND],
  [
    'smart-commit-not-certainly-new',
    () => reasons.UNCERTAIN,
    'The branches were rewritten, and whether the commit had been there before cannot be told any more.',
    BY_HAND,
  ],
  [
    'smart-commit-not-certainly-new',
    () => reasons.AHEAD,
    'Its author date is more than a day ahead, so that its age cannot be told.',
    BY_HAND,
  ],
  [
    'smart-commit-not-certainly-new',
    () => toCopyProblem({ ...holder, executed: false }),
    'It was there before as commit abcdef012345 of acme/shop, where nothing was executed: author, author date and command are ' +
      'the same. What was done of it elsewhere is not known.',
    'Look into Jira; if it was not done, an administrator can execute it.',
  ],
  [
    'smart-commit-executed-already',
    () => toCopyProblem({ ...holder, repository: null }),
    'Already executed as commit abcdef012345 of a repository that is gone: author, author date and command are the same.',
    null,
  ],
  [
    'smart-commit-repeated',
    () => toRepeatedProblem(holder),
    'Already executed as commit abcdef012345 of acme/shop, one of the commits that were squashed into this one.',
    null,
  ],
  [
    'smart-commit-repeated',
    () => toRepeatedProblem({ ...holder, executed: false }),
    'It was there before as commit abcdef012345 of acme/shop, one of the commits that were squashed into this one, where ' +
      'nothing was executed. What was done of it elsewhere is not known.',
    'Look into Jira; if it was not done, an administrator can execute it.',
  ],
  ['smart-commit-too-long', () => reasons.TOO_LONG, 'It commands more than 200 changes.', null],
  [
    'smart-commits-too-many',
    () => reasons.MANY,
    'It came with thousands of others at once, as a history does that is merged or moved.',
    BY_HAND,
  ],
  [
    'smart-commit-revert',
    () => reasons.REVERT,
    'It takes another commit back, and its message quotes what that one commanded.',
    `What the other one did in Jira is taken back there. ${BY_HAND}`,
  ],
  [
    'smart-commit-too-old',
    () => reasons.TOO_OLD,
    'It was written longer ago than smart commits are executed.',
    `The option smartCommits.maxAge says how long that is. ${BY_HAND}`,
  ],
  [
    'smart-commit-merge-commit',
    () => reasons.MERGE,
    'It is a merge commit, whose message repeats what the merged commits command.',
    `The option smartCommits.mergeCommits says whether merge commits are executed. ${BY_HAND}`,
  ],
  [
    'smart-commit-restored',
    () => RESTORED,
    'The installation was restored from a backup: it may have been executed since.',
    'Look into Jira; if it was not, an administrator can execute it.',
  ],
  [
    'smart-commits-off',
    () => reasons.SWITCHED_OFF,
    'Smart commits were switched off for the repository before it was executed.',
    'Switch them on and execute it again.',
  ],
  [
    'smart-commits-off',
    () => reasons.NOT_LINKED,
    'The repository was not linked any more when it was to be executed.',
    'Link it again, then execute the smart commit again.',
  ],
  ['smart-commit-no-project', () => reasons.NO_PROJECT, 'Jira has no project of the keys that it names.', null],
  ['smart-commit-no-project', () => reasons.noProject('UTF'), 'Jira has no project UTF.', null],
  [
    'smart-commit-not-readable',
    () => reasons.OTHER_RULES,
    'Another version of the connector recorded it, which read commands in another way.',
    null,
  ],
  [
    'smart-commit-not-allowed',
    () => obstacle({ name: 'Acme', jiraProjects: ['SHOP'] }),
    'The account Acme is not meant for the project PAY.',
    'The option jiraProjects of the account says which projects get its data.',
  ],
  [
    'smart-commit-not-allowed',
    () => obstacle({ smartCommitTrust: 'off' }),
    'Smart commits are switched off for issues of the project PAY.',
    'The trust level of the account or of the project says so.',
  ],
  [
    'smart-commit-not-verified',
    () => obstacle({ smartCommitTrust: 'verified' }),
    'The Git host did not verify a signature of the author, and only signed commits are trusted.',
    'Sign commits with a key that the Git host knows as yours, for the address that they are written with.',
  ],
  [
    'smart-commit-not-found',
    () => refusal(() => executeAgain(story.app, { id: '4711', who: 'ada' })),
    'There is no smart commit "4711".',
    null,
  ],
  [
    'smart-commit-not-waiting',
    () => refusal(() => executeAgain(story.app, { id: '1', who: 'ada' })),
    'Smart commit 1 is done: there is nothing to execute again.',
    null,
  ],
  [
    'smart-commit-alias-not-found',
    () => refusal(() => removeAuthor(story.app, 'ann@home.example')),
    'Nothing is said about the address ann@home.example.',
    null,
  ],
  [
    'smart-commit-alias-taken',
    async () => {
      await askForAuthor(story.app, { email: 'taken@home.example', ...ann })
      return refusal(() => askForAuthor(story.app, { email: 'taken@home.example', ...eve }))
    },
    'The address taken@home.example was asked for already, or belongs to somebody.',
    'Ask an administrator of the connector.',
  ],
  [
    'smart-commit-aliases-too-many',
    async () => {
      for (let n = 0; n < 20; n += 1) await askForAuthor(story.app, { email: `eve${n}@home.example`, ...eve })
      return refusal(() => askForAuthor(story.app, { email: 'more@home.example', ...eve }))
    },
    '20 addresses that you asked for are not confirmed yet.',
    'Take some back, or ask an administrator of the connector.',
  ],
  [
    'smart-commit-author-unknown',
    () => refusal(() => confirmAuthor(story.app, { email: 'x@home.example', userName: 'nobody', by: 'ada' }, story.signal)),
    'Jira has no user of the name "nobody".',
    'Use the user name of an active user, as Jira shows it in their profile.',
  ],
  [
    'smart-commit-token-of-another',
    () => refusal(() => storeOwnToken(story.app, { userKey: eve.userKey, token: 'token-of-ann' }, story.signal)),
    'The token belongs to somebody else.',
    'Make one in your own profile in Jira.',
  ],
  [
    'smart-commit-token-not-found',
    () => refusal(() => removeOwnToken(story.app, eve.userKey)),
    'You have stored no token.',
    null,
  ],
  // Of the reply on the Git host.
  ['interrupted', findBrokenOff, 'The connector stopped while it told the author; the comment may be there.', null],
]

test.each(ROWS)('%s (row %#)', async (code, find, message, remedy) => {
  expect(await find()).toEqual({ code, message, remedy })
})

/** Tests that assert the text of what Jira's answers lead to. */
const ELSEWHERE = ['src/jira/execute-command.test.ts', 'src/jira/resolve-author.test.ts', 'src/http/built-in-connector.test.ts']

test('every code of a smart commit has a row here, or its text is asserted where Jira is asked', async () => {
  const documented = [...(await readFile('docs/error-codes.md', 'utf8')).matchAll(/^\| `(smart-commits?-[a-z-]+)`/gm)]
  const others = (await Promise.all(ELSEWHERE.map((file) => readFile(file, 'utf8')))).join('\n')
  const rows = new Set(ROWS.map(([code]) => code))

  const missing = documented.flatMap(([, code = '']) => (rows.has(code) || others.includes(`'${code}'`) ? [] : [code]))

  expect(documented.length).toBeGreaterThan(30)
  expect(missing).toEqual([])
})
