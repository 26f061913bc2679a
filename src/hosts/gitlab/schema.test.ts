import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { toPullRequest, toRepository, toReviewers } from './map.ts'
import {
  approvalsSchema,
  branchSchema,
  commitSchema,
  groupSchema,
  hookSchema,
  mergeRequestSchema,
  projectSchema,
  tokenSchema,
  userSchema,
  versionSchema,
} from './schema.ts'
import { SHOP } from './scripted-gitlab.ts'

const samples = join(import.meta.dirname, '../../../../shared/data/gitlab-payloads/api-responses')
const read = (file: string): unknown => JSON.parse(readFileSync(join(samples, file), 'utf8'))
const items = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value])

describe('samples of many versions, where they are at hand', () => {
  const table: readonly (readonly [z.ZodType, readonly string[]])[] = [
    [projectSchema, ['repo.json', 'repos.json', 'subgroup.json', 'gitlab4j.project.json']],
    [
      mergeRequestSchema,
      [
        'merge.json',
        'merges.json',
        'devlake.merge_requests.json',
        'gitlab4j.merge-request.json',
        'gogitlab.get_merge_request.json',
        'gogitlab.get_merge_requests.json',
      ],
    ],
    [approvalsSchema, ['gitlab4j.approvals.json']],
    [branchSchema, ['branch.json', 'branches.json', 'gogitlab.get_branch.json', 'gogitlab.list_branches.json']],
    [commitSchema, ['commit.json', 'commits.json', 'devlake.merge_request_commits.json']],
    [groupSchema, ['groups.json']],
    [hookSchema, ['hook.json', 'hooks.json', 'gitlab4j.hook.json']],
    [userSchema, ['user.json', 'gitlab4j.user.json', 'gogitlab.get_user.json']],
    [tokenSchema, ['gitlab4j.personal-access-token.json', 'gogitlab.list_personal_access_tokens_single.json']],
    [versionSchema, ['gitlab4j.metadata.json']],
  ]
  it.each(table.flatMap(([schema, files]) => files.map((file) => [file, schema] as const)))('%s', (file, schema) => {
    if (!existsSync(join(samples, file))) return
    const problems = items(read(file)).flatMap((item) => schema.safeParse(item).error?.issues ?? [])
    expect(problems).toEqual([])
  })
})

describe('required and optional', () => {
  it.each([
    ['project without id', projectSchema, { path_with_namespace: 'a/b' }],
    ['project without path', projectSchema, { id: 1 }],
    ['merge request without update time', mergeRequestSchema, { iid: 1, source_branch: 'a', target_branch: 'b' }],
    [
      'merge request with a time that is none',
      mergeRequestSchema,
      { iid: 1, source_branch: 'a', target_branch: 'b', updated_at: 'soon' },
    ],
    ['branch without commit', branchSchema, { name: 'main', commit: null }],
    ['commit with a short sha', commitSchema, { id: 'abcdef1', parent_ids: [], committed_date: '2026-01-01' }],
  ])('%s is refused', (_, schema, value) => {
    expect(schema.safeParse(value).success).toBe(false)
  })

  it('everything else may be absent or of another kind', () => {
    const project = projectSchema.parse({
      id: 1,
      path_with_namespace: 'a/b',
      statistics: 'none',
      forked_from_project: {},
      last_activity_at: 'soon',
    })
    expect(toRepository(project, new URL('https://gitlab.example.com/'))).toMatchObject({
      webUrl: 'https://gitlab.example.com/a/b',
      forkOf: null,
    })
    const request = mergeRequestSchema.parse({
      iid: 1,
      source_branch: 'a',
      target_branch: 'b',
      updated_at: '2026-01-01',
      reviewers: 'x',
      sha: 5,
    })
    expect(toPullRequest(request, SHOP, [])).toMatchObject({ title: '', headSha: null, createdAt: new Date('2026-01-01') })
  })
})

it('a reviewer who asked for changes after approving needs work; approvers who were not asked are told too', () => {
  const [ada, ben, cy] = ['ada', 'ben', 'cy'].map((username) => ({ username, name: username.toUpperCase() }))
  if (ada === undefined || ben === undefined || cy === undefined) throw new Error('three people')
  const states = [
    { user: ada, state: 'requested_changes' },
    { user: ben, state: 'state of a later version' },
  ]
  expect(toReviewers([ada, ben], [ada, cy], states)).toEqual([
    { name: 'ADA', state: 'NEEDS_WORK' },
    { name: 'BEN', state: 'UNAPPROVED' },
    { name: 'CY', state: 'APPROVED' },
  ])
})

it.each([
  ['unreviewed', 'UNAPPROVED'],
  ['review_started', 'UNAPPROVED'],
  ['reviewed', 'NEEDS_WORK'],
  ['requested_changes', 'NEEDS_WORK'],
  ['approved', 'APPROVED'],
  ['unapproved', 'UNAPPROVED'],
  [null, 'UNAPPROVED'],
])('a reviewer whom GitLab calls %s is %s', (state, expected) => {
  const ada = { username: 'ada', name: 'Ada' }

  expect(toReviewers([ada], [], [{ user: ada, state }])).toEqual([{ name: 'Ada', state: expected }])
})
