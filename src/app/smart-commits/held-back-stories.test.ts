import { afterEach, expect, test } from 'vitest'
import { findAccount } from '../../db/stores/accounts.ts'
import { findRepository } from '../../db/stores/repositories.ts'
import { findNextSmartCommit } from '../../db/stores/smart-commits.ts'
import type { JiraClient } from '../../jira/client.ts'
import { executeSmartCommit } from './execute-smart-commit.ts'
import { createKnownProjects } from './known-projects.ts'
import { startSmartStory, type SmartStory } from './test-smart-story.ts'

let story: SmartStory
afterEach(() => story.close())

const NOT_ABORTED = new AbortController().signal

/** A client whose machine is paused after its last question and before it changes anything, until it is let go. */
function pauseAfterQuestions(client: JiraClient) {
  const paused = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const { actions } = client
  const held: JiraClient = {
    ...client,
    actions: {
      ...actions,
      async hasPermissions(...asked) {
        const may = await actions.hasPermissions(...asked)
        paused.resolve()
        await go.promise
        return may
      },
    },
  }
  return { client: held, paused: paused.promise, goOn: go.resolve }
}

test('a node that was paused before its call, and lost its place to another, changes nothing any more', async () => {
  const s = await startSmartStory()
  story = s
  const { app } = s
  s.jira.setFault('unavailable')
  await s.pushAndSync(['SHOP-1 #time 2h'])
  s.jira.setFault('none')
  const repository = await findRepository(app.db.read, (await s.stored(s.shop)).id)
  const account = repository === null ? null : await findAccount(app.db.read, repository.accountId)
  const commit = repository === null ? null : await findNextSmartCommit(app.db.read, repository.id)
  if (repository === null || account === null || commit === null || app.jira === null) throw new Error('the test needs a commit')
  const { client, paused, goOn } = pauseAfterQuestions(app.jira.client)
  const jira = { ...app.jira, client }
  const work = { repository, account, commit, jira, projects: createKnownProjects(app, jira) }
  const late = executeSmartCommit(app, work, NOT_ABORTED)
  late.catch(() => undefined)
  await paused

  s.clock.advance(10 * 60_000)
  await s.execute()
  expect(await s.states()).toEqual(['done'])
  const before = await app.db.read.selectFrom('smart_commit_actions').selectAll().execute()
  goOn()

  await expect(late).rejects.toMatchObject({ code: 'job-interrupted' })
  expect(await app.db.read.selectFrom('smart_commit_actions').selectAll().execute()).toEqual(before)
  expect(s.jira.world.findIssue('SHOP-1')?.worklogs).toHaveLength(1)
})
