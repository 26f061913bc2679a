import { afterEach, expect, test } from 'vitest'
import { addTriggerRule } from '../../db/stores/trigger-rules.ts'
import { ANY } from '../../domain/test-trigger.ts'
import { MINUTE_MS } from '../test-clock.ts'
import { startStory, type Story } from '../test-story.ts'

let story: Story
afterEach(() => story.close())

/** More than are stored in one write (500) twice over, and more than are judged in one page (100). */
const COMMITS = 1_300
/** The others name issues that Jira does not have. */
const ISSUES = 600
const keys = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `SHOP-${from + index}`)

test('of a push of 1,300 commits each is acted upon or told of, once', { timeout: 300_000 }, async () => {
  story = await startStory()
  const { app, clock, jira } = story
  jira.world.seedIssues('SHOP', ISSUES)
  const shop = await story.project('shop', ['begin'])
  await story.sweep()
  for (const issue of jira.world.issues()) issue.status = 'To Do'
  const rule = { name: 'Start', enabled: true, event: 'commit-created', transition: 'Start Progress', comment: null } as const
  await app.db.write('interactive', (tx) =>
    addTriggerRule(tx, { ...rule, conditions: ANY, changedBy: 'admin', changedAt: clock.now() }),
  )
  clock.advance(10 * MINUTE_MS)
  jira.forgetRequests()

  await story.push(
    shop,
    'main',
    keys(1, COMMITS).map((key) => `${key} work`),
    { file: 'one.txt' },
  )
  await story.sync(shop)

  const runs = await app.db.read.selectFrom('trigger_runs').select(['issue_key', 'state']).orderBy('id').execute()
  const told = (state: string) => runs.filter((run) => run.state === state).map(({ issue_key }) => issue_key)
  expect(told('done')).toEqual(keys(1, ISSUES))
  expect(told('skipped')).toEqual(keys(ISSUES + 1, COMMITS))
  expect(runs).toHaveLength(COMMITS)
  const pending = app.db.read.selectFrom('development_events').select('id').where('state', '=', 'pending')
  expect(await pending.execute()).toEqual([])
  const moved = jira.world.issues().filter(({ key, status }) => key.startsWith('SHOP-') && status === 'In Progress')
  expect([moved.length, jira.writes().transitions]).toEqual([ISSUES, ISSUES])
})
