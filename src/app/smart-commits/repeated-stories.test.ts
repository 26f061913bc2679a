import { afterEach, expect, test } from 'vitest'
import type { MergeRequest } from '../../sandbox/gitlab/model.ts'
import type { MergeOptions } from '../../sandbox/gitlab/merge-requests.ts'
import { DAY_MS } from '../test-clock.ts'
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
  const { mergedAt } = await mergeTopic(s, [COMMANDS])

  const [authoredAt = s.clock.now()] = [mergedAt ?? undefined]
  await s.push(
    s.shop,
    'stable',
    [`Merge branch 'topic' into 'main'\n\n${COMMANDS}\n\n(cherry picked from commit ${'2a'.repeat(20)})`],
    {
      authoredAt,
    },
  )
  await s.sync(s.shop)

  expect(worklogs(s)).toBe(1)
  expect((await outcomes(s))[2]).toBe('skipped, smart-commit-not-certainly-new')
})
