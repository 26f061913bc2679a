import { afterEach, expect, test } from 'vitest'
import type { MergeRequest } from '../../sandbox/gitlab/model.ts'
import type { MergeOptions } from '../../sandbox/gitlab/merge-requests.ts'
import { DAY_MS } from '../test-clock.ts'
import { executeAgain } from './ask-again.ts'
import { startSmartStory, type SmartStory } from './test-smart-story.ts'

let story: SmartStory
afterEach(() => story.close())

const start = async (options: Parameters<typeof startSmartStory>[0] = {}) => {
  story = await startSmartStory(options)
  return story
}

const COMMANDS = 'SHOP-1 #time 2h #comment done'
const ANN = { username: 'ann', name: 'Ann Ember', email: 'ann@example.com' }

interface Merged {
  readonly method?: MergeOptions['method']
  readonly title?: string
  /** Default: all is synchronised before the merge. */
  readonly unseen?: boolean
}

/** Ann pushes to `topic`, opens a merge request with the same title, and merges it. */
async function mergeTopic(s: SmartStory, messages: readonly string[], merged: Merged = {}): Promise<MergeRequest> {
  const { method = 'merge', title = messages[0] ?? '', unseen = false } = merged
  const ann = s.gitlab.addUser(ANN)
  s.gitlab.addMember(s.acme, ann, 'maintainer')
  await s.push(s.shop, 'topic', messages)
  if (!unseen) await s.sync(s.shop)
  const request = await s.gitlab.openMergeRequest(s.shop, { author: ann, title, sourceBranch: 'topic' })
  s.clock.advance(60_000)
  await s.gitlab.mergeMergeRequest(request, { by: ann, method })
  await s.sync(s.shop)
  return request
}

const worklogs = ({ jira }: SmartStory) => jira.world.findIssue('SHOP-1')?.worklogs.length

/** `state, code` of all smart commits, oldest first. */
async function outcomes({ app }: SmartStory): Promise<string[]> {
  const rows = await app.db.read.selectFrom('smart_commits').select(['state', 'problem']).orderBy('id').execute()
  return rows.map(({ state, problem }) =>
    problem === null ? state : `${state}, ${(JSON.parse(problem) as { code: string }).code}`,
  )
}

test('neither a merge commit nor a revert does what it quotes once more, and each says why', async () => {
  const s = await start()
  await mergeTopic(s, [COMMANDS])
  await s.pushAndSync([`Revert "${COMMANDS}"\n\nThis reverts commit ${'1f'.repeat(20)}.`])

  expect(worklogs(s)).toBe(1)
  expect(s.comments('SHOP-1')).toEqual(['done'])
  expect(await outcomes(s)).toEqual(['done', 'skipped, smart-commit-merge-commit', 'skipped, smart-commit-revert'])
})

test('where merge commits are to be executed they are, and reverts are not', async () => {
  const s = await start({ connector: { settings: { smartCommits: { maxAgeMs: 14 * DAY_MS, mergeCommits: true } } } })
  await mergeTopic(s, [COMMANDS])
  await s.pushAndSync([`Revert "Merge branch 'topic' into 'main'"\n\n${COMMANDS}\n\nThis reverts merge request !1`])

  expect(worklogs(s)).toBe(2)
  expect(await outcomes(s)).toEqual(['done', 'done', 'skipped, smart-commit-revert'])
})

test('a person can have a merge commit executed', async () => {
  const s = await start()
  await mergeTopic(s, ['no command'], { title: COMMANDS })
  expect(await outcomes(s)).toEqual(['skipped, smart-commit-merge-commit'])

  await s.executeAgain()

  expect(worklogs(s)).toBe(1)
  expect(await outcomes(s)).toEqual(['done'])
})

test('the setting counts when it is the turn of a merge commit, not when it was met', async () => {
  const smartCommits = { maxAgeMs: 14 * DAY_MS, mergeCommits: false }
  const s = await start({ connector: { settings: { smartCommits } } })
  s.jira.setFault('unavailable')
  await mergeTopic(s, [COMMANDS])
  smartCommits.mergeCommits = true

  s.jira.setFault('none')
  s.clock.advance(10 * 60_000)
  await s.settle()

  expect(await outcomes(s)).toEqual(['done', 'done'])
})

test('a cherry-pick of a merge commit that was not executed is not executed either', async () => {
  const s = await start()
  await mergeTopic(s, [COMMANDS])

  const seconds = await s.gitlab.git(s.shop, ['log', '-1', '--format=%at', 'main'])
  const message = `Merge branch 'topic' into 'main'\n\n${COMMANDS}\n\n(cherry picked from commit ${'2a'.repeat(20)})`
  await s.push(s.shop, 'stable', [message], { authoredAt: new Date(Number(seconds) * 1_000) })
  await s.sync(s.shop)

  expect(worklogs(s)).toBe(1)
  expect((await outcomes(s))[2]).toBe('skipped, smart-commit-not-certainly-new')
})

test('a squash commit does only what the squashed ones did not', async () => {
  const s = await start()
  await mergeTopic(s, ['SHOP-1 #time 2h #comment one', 'SHOP-1 #comment two'], {
    method: 'squash',
    title: 'SHOP-1 #time 2h #comment one #comment three',
  })

  expect(worklogs(s)).toBe(1)
  expect(s.comments('SHOP-1')).toEqual(['one', 'two', 'three'])
  expect(await outcomes(s)).toEqual(['done', 'done', 'done'])
  expect((await s.actions()).slice(3)).toEqual([
    'SHOP-1 time: skipped, smart-commit-repeated',
    'SHOP-1 comment: skipped, smart-commit-repeated',
    'SHOP-1 comment: done by ann',
  ])
})

test('a squash commit that repeats all is skipped, also when its merge request was rebased, and when a person asks', async () => {
  const s = await start()
  const authoredAt = s.clock.now()
  await s.push(s.shop, 'topic', [COMMANDS], { authoredAt })
  await s.sync(s.shop)
  await s.pushAndSync(['another base'])
  await s.push(s.shop, 'topic', [COMMANDS], { authoredAt, from: s.shop.refs.get('refs/heads/main') ?? null })
  await s.sync(s.shop)
  await mergeTopic(s, ['a later commit'], { method: 'squash', title: COMMANDS })
  const expected = ['done', 'skipped, smart-commit-executed-already', 'skipped, smart-commit-repeated']
  expect(await outcomes(s)).toEqual(expected)

  await expect(s.executeAgain()).rejects.toMatchObject({ code: 'smart-commit-executed-already' })
  const [, , squash] = await s.app.db.read.selectFrom('smart_commits').select('id').orderBy('id').execute()
  await executeAgain(s.app, { id: String(squash?.id), who: 'administrator' })
  await s.settle()

  expect(await outcomes(s)).toEqual(expected)
  expect(worklogs(s)).toBe(1)
})

test('a squash commit whose merge request nobody saw before is executed, and so is one that only says the same', async () => {
  const s = await start()
  await mergeTopic(s, [COMMANDS], { method: 'squash', unseen: true })
  await s.pushAndSync([COMMANDS])

  expect(worklogs(s)).toBe(2)
  expect(await outcomes(s)).toEqual(['done', 'done'])
})

test('a squash commit waits while the host does not answer, and is executed when the host fails on it alone', async () => {
  const s = await start()
  s.gitlab.faults.add({
    match: { path: /\/commits\/\w+\/merge_requests/ },
    answer: { status: 500, body: 'out of order' },
    times: 100,
  })
  await s.pushAndSync(['SHOP-1 #comment same', 'SHOP-1 #comment same'])
  expect(await outcomes(s)).toEqual(['found', 'found'])

  for (let tries = 0; tries < 14; tries += 1) {
    s.clock.advance(400_000)
    await s.execute()
  }

  expect(s.comments('SHOP-1')).toEqual(['same', 'same'])
})
