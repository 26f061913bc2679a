import { afterEach, expect, test } from 'vitest'
import { sha } from '../../domain/ids.ts'
import { scriptGitLab, SHOP, type ScriptedCall, type ScriptedGitLab } from './scripted-gitlab.ts'

const COMMIT = sha('a'.repeat(40))
const HOLDING = `/api/v4/projects/501/repository/commits/${COMMIT}/merge_requests?state=opened&per_page=100`
const NOTES = '/api/v4/projects/501/merge_requests/12/notes'
const signal = new AbortController().signal

let gitlab: ScriptedGitLab | null = null
afterEach(async () => {
  await gitlab?.finish()
  gitlab = null
})

async function connect(...calls: readonly ScriptedCall[]) {
  gitlab = await scriptGitLab(() => calls)
  return gitlab.connect()
}

const list = async (call: Partial<ScriptedCall>) =>
  (await connect({ path: HOLDING, ...call })).listOpenPullRequestsOf(SHOP, COMMIT, signal)

test('only open merge requests into the repository itself hold a conversation about its commit', async () => {
  const body = [
    { iid: 12, project_id: 501, state: 'opened' },
    { iid: 13, project_id: 777, state: 'opened' },
    { iid: 14, project_id: 501, state: 'merged' },
  ]

  expect(await list({ body })).toEqual([12])
})

test.each([403, 404])('where the feature is off (%i) there are none', async (status) => {
  expect(await list({ status, body: {} })).toEqual([])
})

test.each<[string, unknown]>([
  ['a number that is none', [{ iid: '12/notes?', project_id: 501, state: 'opened' }]],
  ['no list', { iid: 12, project_id: 501, state: 'opened' }],
])('%s is a failure', async (_name, body) => {
  await expect(list({ body })).rejects.toMatchObject({ code: 'unexpected-answer' })
})

test('a comment is sent once, whatever became of it', async () => {
  const connection = await connect({ method: 'POST', path: NOTES, status: 502, body: {} })

  const posted = connection.commentOnPullRequest(SHOP, { number: 12, text: 'Jira: done.' }, signal)

  await expect(posted).rejects.toMatchObject({ code: 'host-unavailable' })
  expect(gitlab?.seen.map(({ body }) => body)).toEqual([JSON.stringify({ body: 'Jira: done.' })])
})
