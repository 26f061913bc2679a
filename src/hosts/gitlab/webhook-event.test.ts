import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import cases from './fixtures/webhooks.json' with { type: 'json' }
import { findDeliveryId, findSource, parseWebhook, withoutVariables } from './webhook-event.ts'

describe('parseWebhook', () => {
  it.each(cases.map((item) => [item.name, item] as const))('%s', (_, item) => {
    expect(parseWebhook({ 'x-gitlab-event': item.event }, item.body, 'acme')).toEqual(item.expected)
  })

  it.each([
    ['Push Hook', { object_kind: 'push', ref: 'refs/heads/main' }],
    ['Push Hook', { object_kind: 'push', project_id: 'five' }],
    ['Merge Request Hook', { object_kind: 'merge_request', object_attributes: [] }],
    ['Push Hook', null],
    ['Push Hook', 'text'],
  ])('%s with %j is not what the event promises', (event, malformed) => {
    expect(() => parseWebhook({ 'x-gitlab-event': event }, malformed, null)).toThrow(
      expect.objectContaining({ code: 'unexpected-answer' }),
    )
  })

  const samples = join(import.meta.dirname, '../../../../shared/data/gitlab-payloads')
  it('reads every sample at hand', () => {
    if (!existsSync(samples)) return
    const index = JSON.parse(readFileSync(join(samples, 'index.json'), 'utf8')) as { file: string; xGitlabEvent: string }[]
    const kinds = index.map(({ file, xGitlabEvent }) => {
      const sample: unknown = JSON.parse(readFileSync(join(samples, file), 'utf8'))
      return [file, parseWebhook({ 'x-gitlab-event': xGitlabEvent }, sample, null).kind] as const
    })
    expect(kinds.length).toBe(readdirSync(samples).filter((name) => name.endsWith('.json') && name !== 'index.json').length)
    const ofKind = (kind: string) => kinds.filter(([, found]) => found === kind).map(([file]) => file.split('.')[0])
    expect(new Set(ofKind('ignored'))).toEqual(
      new Set(['note', 'job', 'release', 'feature_flag', 'member', 'issue', 'work_item', 'wiki_page']),
    )
    expect(new Set(ofKind('repository-list'))).toEqual(
      new Set(['system', 'project_create', 'project_destroy', 'subgroup_create', 'subgroup_destroy']),
    )
  })
})

describe('system hooks, which tell of everybody', () => {
  const system = { 'x-gitlab-event': 'System Hook' }
  const update = (path: string) => ({
    event_name: 'repository_update',
    project_id: 7,
    project: { id: 7, path_with_namespace: path },
    changes: [],
    refs: ['refs/heads/main'],
  })

  it.each([
    ['acme/shop', 'acme', false],
    ['ACME/web/shop', 'acme', false],
    ['acme-other/shop', 'acme', true],
    ['else/shop', 'acme', true],
    ['else/shop', null, false],
  ])('a push to %s, seen by the account of %s, is elsewhere: %s', (path, owner, elsewhere) => {
    const hint = parseWebhook(system, update(path), owner)

    expect(hint).toEqual({ kind: 'repository', repository: '7', ...(elsewhere ? { elsewhere } : {}) })
  })

  it.each([
    [{ event_name: 'project_transfer', path_with_namespace: 'else/a', old_path_with_namespace: 'acme/a' }, 'repository-list'],
    [{ event_name: 'project_create', path_with_namespace: 'else/a' }, 'ignored'],
    [{ event_name: 'group_rename', full_path: 'acme', old_full_path: 'former' }, 'repository-list'],
    [{ event_name: 'group_destroy', full_path: 'other' }, 'ignored'],
    [{ event_name: 'group_rename', full_path: 'acme-else', old_full_path: 'ac' }, 'ignored'],
    [{ event_name: 'project_destroy' }, 'repository-list'],
    [{ event_name: 'user_create', name: 'Ada' }, 'ignored'],
    [{ event_name: 'key_create' }, 'ignored'],
    [{ event_name: 'user_add_to_group', group_path: 'acme' }, 'ignored'],
  ])('%j: %s', (event, kind) => {
    expect(parseWebhook(system, event, 'acme').kind).toBe(kind)
  })

  it('a group above the owner that is renamed takes the owner along', () => {
    const event = { event_name: 'group_rename', full_path: 'firm', old_full_path: 'Company' }

    expect(parseWebhook(system, event, 'company/acme').kind).toBe('repository-list')
    expect(parseWebhook(system, event, 'company-2/acme').kind).toBe('ignored')
  })
})

describe('events that are not needed', () => {
  it.each([
    ['Job Hook', 'build'],
    ['Release Hook', 'release'],
    ['Feature Flag Hook', 'feature_flag'],
    ['Emoji Hook', 'emoji'],
    ['Wiki Page Hook', 'wiki_page'],
    ['Issue Hook', 'issue'],
    ['Confidential Issue Hook', 'issue'],
    ['Milestone Hook', 'milestone'],
    ['Vulnerability Hook', 'vulnerability'],
    ['Hook of the future', 'quantum_leap'],
  ])('%s is ignored, whatever its body holds', (event, kind) => {
    const body = { object_kind: kind, project_id: 'five', project: [], object_attributes: 7 }

    expect(parseWebhook({ 'x-gitlab-event': event }, body, null)).toEqual({ kind: 'ignored', event: kind })
  })

  it.each(['user_add_to_group', 'user_update_for_group', 'user_remove_from_group'])('a member hook, %s', (event_name) => {
    expect(parseWebhook({ 'x-gitlab-event': 'Member Hook' }, { event_name }, null).kind).toBe('ignored')
  })
})

describe('the source of a delivery', () => {
  it.each([
    [{ project_id: 5 }, '5'],
    [{ project: { id: 6 } }, '6'],
    [{ object_attributes: { target_project_id: 7 }, project: { id: 6 } }, '7'],
    [{ event_name: 'subgroup_create' }, null],
    [{ project_id: 'five' }, null],
    [[], null],
    ['text', null],
    [null, null],
  ])('of %j: %s', (body, source) => {
    expect(findSource(body)).toBe(source)
  })
})

it.each([
  [{ 'webhook-id': 'a', 'idempotency-key': 'b', 'x-gitlab-webhook-uuid': 'c' }, 'a'],
  [{ 'idempotency-key': 'b', 'x-gitlab-webhook-uuid': 'c' }, 'b'],
  [{ 'x-gitlab-webhook-uuid': 'c', 'x-gitlab-event-uuid': 'd' }, 'c'],
  [{ 'x-gitlab-event-uuid': 'd' }, null],
])('delivery id of %j', (headers, expected) => {
  expect(findDeliveryId(headers)).toBe(expected)
})

it('a delivery id of any length fits into an index', () => {
  const found = findDeliveryId({ 'webhook-id': 'x'.repeat(10_000) })

  expect(found).toMatch(/^[0-9a-f]{64}$/)
  expect(findDeliveryId({ 'webhook-id': 'x'.repeat(10_001) })).not.toBe(found)
})

describe('withoutVariables', () => {
  it('takes CI variables out of the event of a pipeline, and nothing else', () => {
    const attributes = { id: 31, status: 'success', variables: [{ key: 'PASSWORD', value: 'secret' }] }
    const event = { object_kind: 'pipeline', object_attributes: attributes, project: { id: 5 } }

    const kept = JSON.parse(withoutVariables(JSON.stringify(event))) as unknown

    expect(kept).toEqual({ ...event, object_attributes: { ...attributes, variables: [] } })
  })

  it.each(['{"object_kind":"push"}', '{"variables":1}', '["variables"]', '{"object_attributes":{"title":"\\"variables\\""}}'])(
    'leaves %s as it is',
    (text) => expect(withoutVariables(text)).toBe(text),
  )
})
