import { afterEach, expect, test } from 'vitest'
import { sha } from '../../domain/ids.ts'
import { scriptGitLab, SHOP, type ScriptedCall, type ScriptedGitLab } from './scripted-gitlab.ts'

const COMMIT = sha('a'.repeat(40))
const REQUESTS = `/api/v4/projects/501/repository/commits/${COMMIT}/merge_requests?per_page=100`
const COMMITS = '/api/v4/projects/501/merge_requests/12/commits?per_page=100'
const signal = new AbortController().signal

let gitlab: ScriptedGitLab | null = null
afterEach(async () => {
  await gitlab?.finish()
  gitlab = null
})

async function list(...calls: readonly ScriptedCall[]) {
  gitlab = await scriptGitLab(() => calls)
  return gitlab.connect().listSquashedInto(SHOP, COMMIT, signal)
}

const request = (iid: number, squash: string | null, project = 501) => ({
  iid,
  project_id: project,
  state: 'merged',
  squash_commit_sha: squash,
})

test('the commits of the merge request are listed that was squashed into it', async () => {
  const found = [request(11, null), request(13, COMMIT, 777), request(12, COMMIT)]
  const commits = [
    {
      id: 'b'.repeat(40),
      title: 'SHOP-1 #close',
      message: 'SHOP-1 #close\n\nmore\n',
      author_name: 'Ann Ember',
      author_email: 'ann@example.com',
      authored_date: '2026-02-03T04:05:06.000+01:00',
    },
    { id: 'c'.repeat(40), title: 'without a date' },
  ]

  expect(await list({ path: REQUESTS, body: found }, { path: COMMITS, body: commits })).toEqual([
    {
      sha: 'b'.repeat(40),
      message: 'SHOP-1 #close\n\nmore\n',
      author: { name: 'Ann Ember', email: 'ann@example.com' },
      authoredAt: new Date('2026-02-03T03:05:06Z'),
    },
  ])
})

test('a commit that only is in merge requests, or merged one, has none', async () => {
  expect(await list({ path: REQUESTS, body: [request(12, null), request(14, 'd'.repeat(40))] })).toBeNull()
})

test.each([403, 404])('where the feature is off (%i) it has none', async (status) => {
  expect(await list({ path: REQUESTS, status, body: {} })).toBeNull()
})

test('a list that breaks off is a failure', async () => {
  const calls = [
    { path: REQUESTS, body: [request(12, COMMIT)] },
    { path: COMMITS, body: [{ id: 'no hash' }] },
  ]
  await expect(list(...calls)).rejects.toMatchObject({ code: 'unexpected-answer' })
})
