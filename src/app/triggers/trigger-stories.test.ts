import { afterEach, describe, expect, test } from 'vitest'
import { addTriggerRule, type TriggerRuleValues } from '../../db/stores/trigger-rules.ts'
import { readTriggerRuns } from '../../db/views/trigger-runs.ts'
import { KINDS } from '../../db/test-database.ts'
import type { TriggerConditions } from '../../domain/trigger.ts'
import type { SyncMode } from '../../domain/repository.ts'
import type { Project } from '../../sandbox/gitlab/model.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../test-clock.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'
import { dryRunTrigger } from './dry-run.ts'
import { ANY } from '../../domain/test-trigger.ts'

let story: Story
afterEach(() => story.close())

type Given = Partial<Omit<TriggerRuleValues, 'conditions'>> & { readonly conditions?: Partial<TriggerConditions> }

async function start(rules: readonly Given[], options: StoryOptions = {}) {
  story = await startStory(options)
  const shop = await story.project('shop', ['SHOP-1 begin'])
  await story.sweep()
  await expect.poll(async () => (await story.stored(shop)).historyComplete, SOON).toBe(true)
  for (const issue of story.jira.world.issues()) issue.status = 'To Do'
  const sync = async (project: Project, mode: SyncMode = 'soft') => {
    await story.sync(project, mode)
    await expect.poll(async () => (await story.stored(project)).sync.state, SOON).toBe('idle')
  }
  const s = { ...story, shop, sync }
  for (const rule of rules) await addRule(rule)
  story.clock.advance(10 * MINUTE_MS)
  return s
}

async function addRule({ conditions, ...rule }: Given): Promise<string> {
  const values: TriggerRuleValues = {
    name: rule.name ?? `${rule.event ?? ''} ${rule.transition ?? 'comments'}`,
    enabled: true,
    event: 'pull-request-merged',
    transition: null,
    comment: null,
    changedBy: 'admin',
    changedAt: story.clock.now(),
    ...rule,
    conditions: { ...ANY, ...conditions },
  }
  return story.app.db.write('interactive', (tx) => addTriggerRule(tx, values))
}

/** On PostgreSQL nothing tells when all is done. */
const SOON = { timeout: 20_000 }
const statusOf = (key: string) => story.jira.world.findIssue(key)?.status
const commentsOf = (key: string) => story.jira.world.findIssue(key)?.comments.map(({ body }) => body)
/** `issue state summary` of what rules did, oldest first. */
const runs = async () => {
  const { items } = await readTriggerRuns(story.app.db.read, { before: null, limit: 100, rule: null, issue: null, state: null })
  return items.toReversed().map(({ issueKey, state, summary, happened }) => `${issueKey} ${happened.event} ${state}: ${summary}`)
}
const openRequest = (project: Project, title: string, sourceBranch = 'topic') =>
  story.gitlab.openMergeRequest(project, { author: story.maintainer, title, sourceBranch })
const pending = async () =>
  (await story.app.db.read.selectFrom('development_events').select('id').where('state', '=', 'pending').execute()).length

describe.each(KINDS)('rules on %s', { timeout: 60_000 }, (kind) => {
  test('move the issues of a pull request that is merged, once', async () => {
    const { shop, gitlab, maintainer, sync } = await start(
      [{ event: 'pull-request-merged', transition: 'Done', conditions: { targetBranches: ['main'] } }],
      { kind },
    )
    await story.push(shop, 'topic', ['work'])
    const request = await openRequest(shop, 'SHOP-2 and SHOP-3')
    await sync(shop)
    expect(await runs()).toEqual([])

    story.clock.advance(MINUTE_MS)
    await gitlab.mergeMergeRequest(request, { by: maintainer })
    await sync(shop)

    await expect.poll(() => [statusOf('SHOP-2'), statusOf('SHOP-3'), statusOf('SHOP-1')], SOON).toEqual(['Done', 'Done', 'To Do'])
    await expect.poll(pending, SOON).toBe(0)
    const moved = 'pull-request-merged done: from "To Do" to "Done" by "Resolve Issue"'
    expect(await runs()).toEqual([`SHOP-2 ${moved}`, `SHOP-3 ${moved}`])

    const { world } = story.jira
    for (const key of ['SHOP-2', 'SHOP-3']) Object.assign(world.findIssue(key) ?? {}, { status: 'To Do' })
    await sync(shop)
    await sync(shop, 'full')
    expect(statusOf('SHOP-2')).toBe('To Do')
    expect(await pending()).toBe(0)
  })

  test('meet new branches, failed builds and deployments', async () => {
    const { shop, gitlab, sync } = await start(
      [
        { event: 'branch-created', transition: 'Start Progress' },
        { event: 'build-failed', comment: 'Build ${title} of ${branch} failed: ${url}' },
        { event: 'deployment-succeeded', transition: 'In Review', conditions: { environments: ['prod*'] } },
      ],
      { kind },
    )
    await story.push(shop, 'shop-4-cart', ['work'])
    await sync(shop)
    await expect.poll(() => statusOf('SHOP-4'), SOON).toBe('In Progress')

    story.clock.advance(MINUTE_MS)
    const pipeline = gitlab.addPipeline(shop, { ref: 'shop-4-cart', status: 'running' })
    await sync(shop)
    story.clock.advance(MINUTE_MS)
    gitlab.setPipelineStatus(shop, pipeline, 'failed')
    await sync(shop)
    await expect.poll(() => commentsOf('SHOP-4'), SOON).toHaveLength(1)
    expect(commentsOf('SHOP-4')?.[0]).toMatch(
      /^Build &#35;1 of shop&#45;4-cart failed: http:\/\/127.0.0.1:\d+\/acme\/shop\/-\/pipelines\/\d+$/,
    )

    story.clock.advance(MINUTE_MS)
    const production = gitlab.addEnvironment(shop, { name: 'production', tier: 'production' })
    gitlab.addDeployment(shop, { environment: production, ref: 'shop-4-cart' })
    await sync(shop)
    await expect.poll(() => statusOf('SHOP-4'), SOON).toBe('In Review')
  })
})

test('new commits move the issues that they name, on whatever branch, but not again when they are merged', async () => {
  const { shop, sync } = await start([{ event: 'commit-created', transition: 'In Progress', comment: '${title}: ${url}' }])
  const [commit = ''] = await story.push(shop, 'topic', ['SHOP-6 work'])
  await sync(shop)
  expect(statusOf('SHOP-6')).toBe('In Progress')
  expect(commentsOf('SHOP-6')?.[0]).toContain(`/acme/shop/-/commit/${commit}`)

  for (const issue of story.jira.world.issues()) issue.status = 'To Do'
  const head = shop.refs.get('refs/heads/topic') ?? ''
  await story.gitlab.git(shop, ['update-ref', 'refs/heads/main', head])
  await story.gitlab.noticePush(shop, story.maintainer)
  await sync(shop)
  await sync(shop, 'full')
  expect([statusOf('SHOP-6'), commentsOf('SHOP-6')?.length]).toEqual(['To Do', 1])
})

test('nothing of a first import moves anything, nor what got its key late', async () => {
  story = await startStory()
  for (const event of ['branch-created', 'pull-request-opened', 'pull-request-merged', 'build-failed'] as const)
    await addRule({ event, transition: 'Done' })
  const shop = await story.project('shop', ['SHOP-1 begin'])
  await story.push(shop, 'SHOP-2', ['SHOP-2 work'])
  const request = await openRequest(shop, 'SHOP-3', 'SHOP-2')
  story.gitlab.addPipeline(shop, { ref: 'SHOP-2', status: 'failed' })
  await story.sweep()
  expect(await runs()).toEqual([])

  story.clock.advance(HOUR_MS)
  request.title = 'SHOP-5 instead'
  request.updatedAt = story.clock.now()
  await story.sync(shop)
  expect(await story.pullRequests(shop)).toEqual(['!1 OPEN: SHOP-2 SHOP-5'])
  expect(await runs()).toEqual([])
})

test('the first rule acts whose conditions hold and whose transition the workflow offers', async () => {
  const { shop, sync } = await start([
    { event: 'pull-request-opened', transition: 'Done', conditions: { repositories: ['other/*'] }, name: 'elsewhere' },
    { event: 'pull-request-opened', transition: 'Done', conditions: { issueTypes: ['Epic'] }, name: 'another type' },
    { event: 'pull-request-opened', transition: 'Done', conditions: { jql: 'key = SHOP-9 OR project = PAY' }, name: 'query' },
    { event: 'pull-request-opened', transition: 'Close Issue', name: 'no such transition' },
    { event: 'pull-request-opened', transition: 'Start Review', name: 'review' },
    { event: 'pull-request-opened', transition: 'Done', name: 'too late' },
  ])
  await story.push(shop, 'topic', ['work'])
  await openRequest(shop, 'SHOP-2 PAY-3')
  await sync(shop)

  expect([statusOf('SHOP-2'), statusOf('PAY-3')]).toEqual(['In Review', 'Done'])
})

test('an issue that stands there already, or cannot be moved, says why nothing was done', async () => {
  const { shop, sync } = await start([{ event: 'pull-request-opened', transition: 'In Progress' }])
  Object.assign(story.jira.world.findIssue('SHOP-2') ?? {}, { status: 'In Progress' })
  await story.push(shop, 'topic', ['work'])
  await openRequest(shop, 'SHOP-2 SHOP-999')
  await sync(shop)

  expect(await runs()).toEqual([
    'SHOP-2 pull-request-opened skipped: The issue is "In Progress" already.',
    `SHOP-999 pull-request-opened skipped: Jira has no issue SHOP-999, or the connector's user may not see it.`,
  ])
})

test('what Jira cannot take now is done when it can, in the order in which it happened', async () => {
  const { shop, sync } = await start([
    { event: 'pull-request-opened', transition: 'Start Review' },
    { event: 'pull-request-declined', transition: 'Start Progress' },
  ])
  story.jira.setFault('unavailable')
  await story.push(shop, 'topic', ['work'])
  const request = await openRequest(shop, 'SHOP-2')
  await sync(shop)
  story.clock.advance(MINUTE_MS)
  await story.gitlab.closeMergeRequest(request, story.maintainer)
  await sync(shop)
  expect([statusOf('SHOP-2'), await pending()]).toEqual(['To Do', 2])

  story.jira.setFault('none')
  await expect
    .poll(
      async () => {
        story.clock.advance(10 * MINUTE_MS)
        await story.settle()
        return pending()
      },
      { timeout: 30_000 },
    )
    .toBe(0)

  expect(statusOf('SHOP-2')).toBe('In Progress')
  expect((await runs()).map((text) => text.replace(/ by .*/, ''))).toEqual([
    'SHOP-2 pull-request-opened done: from "To Do" to "In Review"',
    'SHOP-2 pull-request-declined done: from "In Review" to "In Progress"',
  ])
})

test('issues that Jira fails on do not keep others from their rules', async () => {
  const { shop, sync } = await start([{ event: 'pull-request-opened', transition: 'Done' }])
  story.jira.setFault('unavailable', { only: /\/issue\/SHOP-[2345]/ })
  await story.push(shop, 'topic', ['work'])
  await openRequest(shop, 'SHOP-2 SHOP-3 SHOP-4 SHOP-5 SHOP-6')
  await sync(shop)
  expect([statusOf('SHOP-2'), statusOf('SHOP-6')]).toEqual(['To Do', 'Done'])

  story.jira.setFault('none')
  story.clock.advance(2 * MINUTE_MS)
  await story.settle()
  expect([statusOf('SHOP-2'), statusOf('SHOP-5')]).toEqual(['Done', 'Done'])
})

test('what happened while the host was away is news when it is back', async () => {
  const { shop, sync } = await start([
    { event: 'pull-request-opened', transition: 'Start Review' },
    { event: 'pull-request-merged', transition: 'Done' },
  ])
  await story.push(shop, 'topic', ['work'])
  const request = await openRequest(shop, 'SHOP-2')
  story.gitlab.faults.add({ match: { path: /\/merge_requests\?/ }, answer: { status: 500, body: {} }, times: 99 })
  await story.sync(shop)
  story.clock.advance(HOUR_MS)
  await story.gitlab.mergeMergeRequest(request, { by: story.maintainer })
  await story.sync(shop)
  story.gitlab.faults.clear()
  story.clock.advance(HOUR_MS)
  await sync(shop)

  expect((await runs()).map((text) => text.replace(/:.*/, ''))).toEqual([
    'SHOP-2 pull-request-opened done',
    'SHOP-2 pull-request-merged done',
  ])
  expect(statusOf('SHOP-2')).toBe('Done')
}, 90_000)

test('what is older than two weeks when its turn comes moves nothing', async () => {
  const { shop, sync } = await start([{ event: 'pull-request-opened', transition: 'Done' }])
  story.jira.setFault('unavailable')
  await story.push(shop, 'topic', ['work'])
  await openRequest(shop, 'SHOP-2')
  await sync(shop)
  story.clock.advance(15 * DAY_MS)
  story.jira.setFault('none')
  await expect
    .poll(
      async () => {
        story.clock.advance(10 * MINUTE_MS)
        await story.settle()
        return runs()
      },
      { timeout: 30_000 },
    )
    .toEqual(['SHOP-2 pull-request-opened skipped: It happened more than two weeks ago.'])
  expect(statusOf('SHOP-2')).toBe('To Do')
})

test('a process that died between the call and its record neither moves nor comments twice', async () => {
  const { shop, sync } = await start([{ event: 'pull-request-opened', transition: 'In Review', comment: 'Opened as ${title}.' }])
  await story.push(shop, 'topic', ['work'])
  await openRequest(shop, 'SHOP-2')
  await sync(shop)
  expect([statusOf('SHOP-2'), commentsOf('SHOP-2')?.length]).toEqual(['In Review', 1])

  // As it stands when the answer of Jira was never recorded.
  const undo = { state: 'acting', target_status: 'In Review' } as const
  await story.app.db.write('interactive', async (tx) => {
    await tx.updateTable('trigger_runs').set(undo).execute()
    await tx.updateTable('development_events').set({ state: 'pending' }).execute()
  })
  await sync(shop)
  await story.app.db.write('interactive', (tx) =>
    story.app.jobs.add(tx, { name: 'run-triggers', payload: {}, key: 'run-triggers' }),
  )
  await story.settle()

  expect(await pending()).toBe(0)
  expect(commentsOf('SHOP-2')).toHaveLength(1)
  expect(story.jira.writes().transitions).toBe(1)
  expect(await runs()).toEqual(['SHOP-2 pull-request-opened done: from "To Do" to "In Review" by "Start Review", a comment'])
})

test('rules that undo each other are stopped', async () => {
  const { shop, sync } = await start([
    { event: 'pull-request-declined', transition: 'Start Progress' },
    { event: 'pull-request-reopened', transition: 'Start Review' },
  ])
  await story.push(shop, 'topic', ['work'])
  const request = await openRequest(shop, 'SHOP-2')
  await sync(shop)
  for (let turn = 0; turn < 6; turn += 1) {
    story.clock.advance(MINUTE_MS)
    await story.gitlab.closeMergeRequest(request, story.maintainer)
    await sync(shop)
    story.clock.advance(MINUTE_MS)
    await story.gitlab.reopenMergeRequest(request, story.maintainer)
    await sync(shop)
  }

  expect(story.jira.writes().transitions).toBe(10)
  expect((await runs()).at(-2)).toContain('declined skipped: Rules moved the issue 10 times within an hour')
}, 60_000)

test('a dry run tells what would happen today, and changes nothing', async () => {
  const { shop, sync } = await start([])
  await story.push(shop, 'topic', ['work'])
  await openRequest(shop, 'SHOP-2 SHOP-3')
  Object.assign(story.jira.world.findIssue('SHOP-3') ?? {}, { status: 'Done' })
  await sync(shop)
  const rule = { id: '', name: 'x', enabled: false, comment: null, conditions: ANY }

  const found = await dryRunTrigger(
    story.app,
    { ...rule, event: 'pull-request-opened', transition: 'Done' },
    new AbortController().signal,
  )

  expect(found).toMatchObject({ matched: 2, complete: true, note: null })
  expect(found.examples.map(({ past, outcome, text }) => `${past.key} ${outcome}: ${text}`).toSorted()).toEqual([
    'SHOP-2 acts: from "To Do" to "Done" by "Resolve Issue"',
    'SHOP-3 skipped: The issue is "Done" already.',
  ])
  expect(story.jira.writes().transitions).toBe(0)
  expect(await runs()).toEqual([])
})
