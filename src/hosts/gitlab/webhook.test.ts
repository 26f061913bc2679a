import { createHmac } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import cases from './fixtures/webhooks.json' with { type: 'json' }
import { createVerify, findDeliveryId, parseWebhook, toPlainToken, withoutVariables } from './webhook.ts'

const NOW = new Date('2026-03-01T10:00:00Z')
const verify = createVerify({ ...systemClock, now: () => NOW })
const body = Buffer.from('{"a":"ü"}\xff', 'latin1')

describe('parseWebhook', () => {
  it.each(cases.map((item) => [item.name, item] as const))('%s', (_, item) => {
    expect(parseWebhook({ 'x-gitlab-event': item.event }, item.body)).toEqual(item.expected)
  })

  it.each([
    ['Push Hook', { object_kind: 'push', ref: 'refs/heads/main' }],
    ['Push Hook', { object_kind: 'push', project_id: 'five' }],
    ['Merge Request Hook', { object_kind: 'merge_request', object_attributes: [] }],
    ['Push Hook', null],
    ['Push Hook', 'text'],
  ])('%s with %j is not what the event promises', (event, malformed) => {
    expect(() => parseWebhook({ 'x-gitlab-event': event }, malformed)).toThrow(
      expect.objectContaining({ code: 'unexpected-answer' }),
    )
  })

  const samples = join(import.meta.dirname, '../../../../shared/data/gitlab-payloads')
  it('reads every sample at hand', () => {
    if (!existsSync(samples)) return
    const index = JSON.parse(readFileSync(join(samples, 'index.json'), 'utf8')) as { file: string; xGitlabEvent: string }[]
    const kinds = index.map(({ file, xGitlabEvent }) => {
      const sample: unknown = JSON.parse(readFileSync(join(samples, file), 'utf8'))
      return [file, parseWebhook({ 'x-gitlab-event': xGitlabEvent }, sample).kind] as const
    })
    expect(kinds.length).toBe(readdirSync(samples).filter((name) => name.endsWith('.json') && name !== 'index.json').length)
    const ofKind = (kind: string) => kinds.filter(([, found]) => found === kind).map(([file]) => file.split('.')[0])
    expect(new Set(ofKind('ignored'))).toEqual(
      new Set(['note', 'job', 'release', 'feature_flag', 'member', 'access_token_expiry', 'issue', 'work_item', 'wiki_page']),
    )
    expect(new Set(ofKind('repository-list'))).toEqual(
      new Set(['system', 'project_create', 'project_destroy', 'subgroup_create', 'subgroup_destroy']),
    )
  })
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

describe('verify by token', () => {
  it.each([
    ['first', ['first', 'second'], true],
    ['second', ['first', 'second'], true],
    ['third', ['first', 'second'], false],
    ['', [''], false],
    [undefined, ['first'], false],
  ])('%j with %j: %s', (token, secrets, expected) => {
    expect(verify({ 'x-gitlab-token': token }, body, secrets)).toBe(expected)
  })
})

describe('verify by signature', () => {
  const key = Buffer.alloc(32, 7)
  const secret = `whsec_${key.toString('base64')}`
  const at = String(NOW.getTime() / 1000)
  const sign = (timestamp: string, bytes: Buffer) =>
    `v1,${createHmac('sha256', key).update(`id-1.${timestamp}.`).update(bytes).digest('base64')}`
  const signed = { 'webhook-id': 'id-1', 'webhook-timestamp': at, 'webhook-signature': `v1,AAAA ${sign(at, body)}` }
  const old = String(NOW.getTime() / 1000 - 301)

  it('accepts the raw bytes, beside another secret', () => {
    expect(verify(signed, body, ['plain', secret])).toBe(true)
  })

  it.each([
    ['other bytes', signed, Buffer.from('{}')],
    ['an old time', { ...signed, 'webhook-timestamp': old, 'webhook-signature': sign(old, body) }, body],
    ['no id', { ...signed, 'webhook-id': undefined }, body],
    ['a time that is none', { ...signed, 'webhook-timestamp': 'x' }, body],
    [
      'a wrong signature beside the right token',
      { ...signed, 'webhook-signature': 'v1,AA', 'x-gitlab-token': toPlainToken(secret) },
      body,
    ],
  ])('refuses %s', (_, headers, bytes) => {
    expect(verify(headers, bytes, [secret])).toBe(false)
  })

  it('falls back to the token where GitLab does not sign', () => {
    expect(verify({ 'x-gitlab-token': toPlainToken(secret) }, body, [secret])).toBe(true)
    expect(verify({ 'x-gitlab-token': secret }, body, [secret])).toBe(false)
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
