import { afterEach, expect, test } from 'vitest'
import { DAY_MS } from '../test-clock.ts'
import type { Story } from '../test-story.ts'
import { startSmartStory, type SmartStory } from './test-smart-story.ts'

let story: SmartStory
afterEach(() => story.close())

const start = async (options: Parameters<typeof startSmartStory>[0] = {}) => {
  story = await startSmartStory(options)
  return story
}

test('commands are executed once, oldest first, in the name of the author', async () => {
  const s = await start()

  await s.pushAndSync(['SHOP-1 #comment one', 'SHOP-1 SHOP-2 #comment two', 'SHOP-1 #comment three'])
  await s.sync(s.shop)
  await s.sync(s.shop, 'full')

  expect(s.comments('SHOP-1')).toEqual(['one', 'two', 'three'])
  expect(s.comments('SHOP-2')).toEqual(['two'])
  expect(await s.states()).toEqual(['done', 'done', 'done'])
  expect(await s.actions()).toEqual([
    'SHOP-1 comment: done by ann',
    'SHOP-1 comment: done by ann',
    'SHOP-2 comment: done by ann',
    'SHOP-1 comment: done by ann',
  ])
})

test('a command that fails does not stop the others, and the failed one alone is executed again', async () => {
  const s = await start()
  await s.pushAndSync(['SHOP-1 #comment one\nSHOP-999 #comment nowhere\nSHOP-2 #comment two'])
  expect(await s.states()).toEqual(['failed'])
  expect(s.comments('SHOP-2')).toEqual(['two'])

  s.jira.world.seedIssues('SHOP', 1_000)
  await s.executeAgain()

  expect(await s.states()).toEqual(['done'])
  expect(s.comments('SHOP-999')).toEqual(['nowhere'])
  expect([s.comments('SHOP-1'), s.comments('SHOP-2')]).toEqual([['one'], ['two']])
})

test('an author whom Jira does not know executes nothing, and the reason is told', async () => {
  const s = await start()

  await s.pushAndSync(['SHOP-1 #comment one'], { name: 'Nobody', email: 'nobody@example.com' })

  expect(await s.states()).toEqual(['failed'])
  expect(s.comments('SHOP-1')).toEqual([])
})

test('words that look like keys of unknown projects are skipped', async () => {
  const s = await start()

  await s.pushAndSync(['UTF-8 #include'])

  expect(await s.states()).toEqual(['skipped'])
})

test('while Jira is away the order stays, and nothing is lost', async () => {
  const s = await start()
  s.jira.setFault('unavailable')
  await s.pushAndSync(['SHOP-1 #comment one', 'SHOP-1 #comment two'])
  expect((await s.states())[1]).toBe('found')
  await s.pushAndSync(['SHOP-1 #comment three'])

  s.jira.setFault('none')
  s.clock.advance(10 * 60_000)
  await s.settle()

  expect(s.comments('SHOP-1')).toEqual(['one', 'two', 'three'])
})

test('switched off before its turn it is skipped, and can be executed again', async () => {
  const s = await start()
  s.jira.setFault('unavailable')
  await s.pushAndSync(['SHOP-1 #comment one'])
  await setSmartCommits(s, 0)
  s.jira.setFault('none')
  s.clock.advance(10 * 60_000)
  await s.settle()
  expect(await s.states()).toEqual(['skipped'])
  expect(s.comments('SHOP-1')).toEqual([])

  await setSmartCommits(s, 1)
  await s.executeAgain()

  expect(s.comments('SHOP-1')).toEqual(['one'])
})

test('an account that is meant for other projects executes nothing', async () => {
  const s = await start({ account: { jiraProjects: ['PAY'] } })

  await s.pushAndSync(['SHOP-1 #comment one\nPAY-1 #comment two'])

  expect(s.comments('SHOP-1')).toEqual([])
  expect(s.comments('PAY-1')).toEqual(['two'])
  expect(await s.states()).toEqual(['failed'])
})

/** What a process leaves that dies: the answer of Jira was never stored. */
async function forgetOutcomes({ app }: Story): Promise<void> {
  await app.db.write('interactive', async (tx) => {
    await tx.updateTable('smart_commit_actions').set({ state: 'executing', summary: null, jira_id: null }).execute()
    await tx.updateTable('smart_commits').set({ state: 'executing' }).execute()
  })
}

test('what Jira did before the process died is found there, and not done again', async () => {
  const s = await start()
  await s.pushAndSync(['SHOP-1 #comment one', 'SHOP-1 #comment two'])
  const before = await s.app.db.read.selectFrom('smart_commit_actions').select(['summary', 'jira_id']).execute()

  await forgetOutcomes(s)
  await s.execute()

  expect(s.comments('SHOP-1')).toEqual(['one', 'two'])
  expect(await s.states()).toEqual(['done', 'done'])
  expect(await s.app.db.read.selectFrom('smart_commit_actions').select(['summary', 'jira_id']).execute()).toEqual(before)
})

test('what was begun and never reached Jira is executed', async () => {
  const s = await start()
  s.jira.setFault('unavailable')
  await s.pushAndSync(['SHOP-1 #comment one'])
  await forgetOutcomes(s)
  s.jira.setFault('none')

  s.clock.advance(10 * 60_000)
  await s.settle()
  await s.execute()

  expect(s.comments('SHOP-1')).toEqual(['one'])
  expect(await s.states()).toEqual(['done'])
})

test('a transition that was not made is not taken for made because another one was', async () => {
  const s = await start()
  const issue = s.jira.world.findIssue('SHOP-1')
  if (issue === null) throw new Error('the test needs SHOP-1')
  issue.status = 'To Do'
  await s.pushAndSync(['SHOP-1 #start-progress'])
  issue.comments.length = 0
  s.jira.setFault('unavailable', { only: /\/transitions$/ })
  await s.pushAndSync(['SHOP-1 #resolve'])
  s.jira.setFault('none')

  await s.execute()

  expect(await s.states()).toEqual(['done', 'done'])
  expect(issue.status).toBe('Done')
})

test('what Jira refused was not begun', async () => {
  const s = await start()
  await s.pushAndSync(['SHOP-999 #comment nowhere', 'SHOP-1 #comment one'])

  const begun = await s.app.db.read.selectFrom('smart_commit_actions').select('started_at').orderBy('id').execute()
  expect(begun).toMatchObject([{ started_at: null }, { started_at: expect.any(Number) as number }])
})

test('what became too old while Jira was away is skipped, unless it was begun or a person asks for it', async () => {
  const s = await start()
  s.jira.setFault('unavailable', { only: /\/comment$/ })
  await s.pushAndSync(['SHOP-1 #comment begun'])
  s.jira.setFault('unavailable')
  await s.pushAndSync(['SHOP-1 #comment waiting'])
  s.jira.setFault('none')

  s.clock.advance(20 * DAY_MS)
  await s.execute()
  expect(s.comments('SHOP-1')).toEqual(['begun'])
  expect(await s.states()).toEqual(['done', 'skipped'])

  await s.executeAgain()
  expect(s.comments('SHOP-1')).toEqual(['begun', 'waiting'])
})

test('of a repository that was unlinked before its turn it says so, not that smart commits are off', async () => {
  const s = await start()
  s.jira.setFault('unavailable')
  await s.pushAndSync(['SHOP-1 #comment one'])
  await s.app.db.write('interactive', (tx) => tx.updateTable('repositories').set({ linked: 0 }).execute())
  s.jira.setFault('none')
  s.clock.advance(10 * 60_000)
  await s.settle()

  const { problem } = await s.app.db.read.selectFrom('smart_commits').select('problem').executeTakeFirstOrThrow()
  expect(JSON.parse(problem ?? '{}')).toEqual({
    code: 'smart-commits-off',
    message: 'The repository was not linked any more when it was to be executed.',
    remedy: 'Link it again, then execute the smart commit again.',
  })
})

async function setSmartCommits({ app }: Story, smart_commits: 0 | 1): Promise<void> {
  await app.db.write('interactive', (tx) => tx.updateTable('repositories').set({ smart_commits }).execute())
}
