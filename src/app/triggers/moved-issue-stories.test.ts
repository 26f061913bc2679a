import { afterEach, describe, expect, test } from 'vitest'
import { KINDS } from '../../db/test-database.ts'
import { addTriggerRule, type TriggerRuleValues } from '../../db/stores/trigger-rules.ts'
import { readTriggerRuns } from '../../db/views/trigger-runs.ts'
import { refreshProjects } from '../delivery/refresh-projects.ts'
import { MINUTE_MS } from '../test-clock.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'
import { dryRunTrigger } from './dry-run.ts'
import { ANY } from '../../domain/test-trigger.ts'

let story: Story
afterEach(() => story.close())

/** On PostgreSQL nothing tells when all is done. */
const SOON = { timeout: 20_000 }
const commentsOf = (key: string) => story.jira.world.findIssue(key)?.comments.map(({ body }) => body)
/** `issue state: summary` of what rules did, oldest first. */
const runs = async () => {
  const { items } = await readTriggerRuns(story.app.db.read, { before: null, limit: 100, rule: null, issue: null, state: null })
  return items.toReversed().map(({ issueKey, state, summary }) => `${issueKey} ${state}: ${summary}`)
}

async function start(rules: readonly Partial<TriggerRuleValues>[], options: StoryOptions = {}) {
  story = await startStory(options)
  const shop = await story.project('shop', ['begin'])
  await story.sweep()
  await expect.poll(async () => (await story.stored(shop)).historyComplete, SOON).toBe(true)
  for (const issue of story.jira.world.issues()) issue.status = 'To Do'
  for (const rule of rules) {
    const rest = { enabled: true, transition: null, comment: null, changedBy: 'admin', changedAt: story.clock.now() }
    const values: TriggerRuleValues = { name: 'rule', event: 'branch-created', conditions: ANY, ...rest, ...rule }
    await story.app.db.write('interactive', (tx) => addTriggerRule(tx, values))
  }
  return {
    ...story,
    async branches(...names: string[]) {
      story.clock.advance(MINUTE_MS)
      for (const name of names) await story.push(shop, name, ['work'])
      await story.sync(shop)
      await expect.poll(async () => (await story.stored(shop)).sync.state, SOON).toBe('idle')
    },
  }
}

const move = (key: string) => story.jira.world.moveIssue(key, 'PAY').key

describe.each(KINDS)('an issue with two keys on %s', { timeout: 120_000 }, (kind) => {
  test('is judged once for an event that names it by both', async () => {
    const s = await start([{ comment: 'work began on ${branch}' }], { kind })
    const key = move('SHOP-3')

    await s.branches(`SHOP-3-${key}-cart`)

    await expect.poll(runs, SOON).toEqual(['SHOP-3 done: a comment', `${key} skipped: It is the same issue as SHOP-3.`])
    expect(commentsOf(key)).toHaveLength(1)
  })
})

test('moves count together, whatever key an event names the issue by', async () => {
  const s = await start([
    { transition: 'Start Progress', name: 'there', conditions: { ...ANY, statuses: ['To Do'] } },
    { transition: 'Start Review', name: 'on', conditions: { ...ANY, statuses: ['In Progress'] } },
    { transition: 'Start Progress', name: 'back', conditions: { ...ANY, statuses: ['In Review'] } },
  ])
  const key = move('SHOP-3')

  await s.branches(...[1, 2, 3, 4, 5, 6].flatMap((turn) => [`${key}-${turn}`, `SHOP-3-${turn}`]))

  expect(story.jira.writes().transitions).toBe(10)
  const skipped = (await runs()).filter((text) => text.includes('Rules moved the issue 10 times within an hour'))
  expect(skipped).toHaveLength(2)
}, 60_000)

test('a rule for a project is for its issues under all of its keys, and not for what moved out of it', async () => {
  const s = await start([{ comment: 'hello', conditions: { ...ANY, projects: ['SHOP'] } }])
  const key = move('SHOP-3')
  story.jira.world.renameProjectKey('SHOP', 'STORE')
  await refreshProjects(story.app, story.signal)
  await story.settle()

  await s.branches('SHOP-3-moved-out', 'SHOP-4-by-its-old-key', 'STORE-5-by-its-new-key')

  expect([commentsOf(key), commentsOf('STORE-4'), commentsOf('STORE-5')]).toEqual([[], ['hello'], ['hello']])
})

test('what happens in an account acts on no issue of a project that the account is not meant for, by whatever key', async () => {
  const s = await start([{ comment: 'hello' }], { account: { jiraProjects: ['SHOP'] } })
  const key = move('SHOP-3')

  await s.branches('SHOP-2-ours', 'PAY-1-theirs', 'SHOP-3-moved-out')

  expect([commentsOf('SHOP-2'), commentsOf('PAY-1'), commentsOf(key)]).toEqual([['hello'], [], []])
  const closed = 'skipped: The account acme is not meant for the project PAY.'
  expect((await runs()).toSorted()).toEqual([`PAY-1 ${closed}`, 'SHOP-2 done: a comment', `SHOP-3 ${closed}`])
})

test('a trial says the same of projects that the account is not meant for', async () => {
  const s = await start([], { account: { jiraProjects: ['PAY'] } })
  await s.branches('SHOP-2-theirs', 'PAY-1-ours')
  const rule = { id: '1', name: 'rule', enabled: true, event: 'branch-created', transition: null, comment: 'hello' } as const

  const { examples } = await dryRunTrigger(story.app, { ...rule, conditions: ANY }, story.signal)

  expect(examples.map(({ past, outcome, text }) => `${past.key} ${outcome}: ${text}`).toSorted()).toEqual([
    'PAY-1 acts: a comment',
    'SHOP-2 skipped: The account acme is not meant for the project SHOP.',
  ])
})

test('a trial shows an issue once, by the key that was named last', async () => {
  const s = await start([])
  const key = move('SHOP-3')
  await s.branches('SHOP-3-by-its-old-key')
  story.clock.advance(60_000)
  await s.branches(`${key}-by-its-new-key`)
  const rule = { id: '1', name: 'rule', enabled: true, event: 'branch-created', transition: null, comment: 'hello' } as const

  const { matched, examples } = await dryRunTrigger(story.app, { ...rule, conditions: ANY }, story.signal)

  expect(matched).toBe(2)
  expect(examples.map(({ past }) => past.key)).toEqual([key])
})
