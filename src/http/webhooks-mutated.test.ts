import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { processWebhook } from '../app/webhooks/process-webhook.ts'
import { accountId } from '../domain/ids.ts'
import cases from '../hosts/gitlab/fixtures/webhooks.json' with { type: 'json' }
import { toPlainToken } from '../hosts/gitlab/webhook.ts'
import { systemClock } from '../lib/clock.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

const RUNS = 10_000
const acme = accountId('acme')
let t: TestHttpApp
let secret: string

beforeAll(async () => {
  t = await startTestHttpApp({ limits: { unverifiedWebhooksPerMinute: 1_000_000 } })
  await t.addAccount({ id: acme })
  // One of our own, which signs.
  secret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
  t.app.connections.webhookSecrets = () => Promise.resolve([secret])
})
afterAll(() => t.dispose())

const headerText = fc.string({ unit: fc.constantFrom(...'abcXYZ019 ,.;=-_/"%{}\u00e9\u00ff'), maxLength: 40 })
const eventName = fc.oneof(fc.constantFrom(...cases.map(({ event }) => event), 'System Hook'), headerText)

/** A body as GitLab's with some of its values replaced, removed or nested elsewhere. */
const mutatedBody = fc
  .tuple(
    fc.constantFrom(...cases.map(({ body }) => body as object)),
    fc.array(fc.tuple(fc.nat(40), fc.jsonValue()), { maxLength: 4 }),
  )
  .map(([body, changes]) => {
    const copy = structuredClone(body) as Record<string, unknown>
    for (const [index, value] of changes) {
      const keys = Object.keys(copy)
      const key = keys[index % Math.max(1, keys.length)] ?? 'x'
      const inner = copy[key]
      if (typeof inner === 'object' && inner !== null && index % 2 === 0)
        Object.assign(inner, { id: value, path_with_namespace: value })
      else copy[key] = value
    }
    return Buffer.from(JSON.stringify(copy))
  })
const cutBody = fc.tuple(mutatedBody, fc.nat(4_000), fc.nat(255)).map(([bytes, at, byte]) => {
  const copy = Buffer.from(bytes)
  if (copy.length > 0) copy[at % copy.length] = byte
  return at % 3 === 0 ? copy.subarray(0, at % copy.length) : copy
})
const body = fc.oneof(
  mutatedBody,
  cutBody,
  fc.json().map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
)
const proof = fc.constantFrom('token', 'signature', 'none', 'wrong token', 'wrong signature', 'old signature', 'other bytes')
type Proof = typeof proof extends fc.Arbitrary<infer P> ? P : never

function toProof(kind: Proof, id: string, bytes: Buffer): Record<string, string> {
  const at = Math.floor(systemClock.now().getTime() / 1000) - (kind === 'old signature' ? 400 : 0)
  const sign = (signed: Buffer) =>
    `v1,${createHmac('sha256', Buffer.alloc(32, 9)).update(`${id}.${at}.`).update(signed).digest('base64')}`
  switch (kind) {
    case 'none':
      return {}
    case 'token':
      return { 'x-gitlab-token': toPlainToken(secret) }
    case 'wrong token':
      return { 'x-gitlab-token': secret }
    default: {
      const other = kind === 'other bytes' ? Buffer.concat([bytes, Buffer.from(' ')]) : bytes
      const signature = kind === 'wrong signature' ? 'v1,AAAA v2, x' : sign(other)
      return { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': signature }
    }
  }
}

test(`${RUNS} random and mutated deliveries: never a 5xx, nothing unverified stored, nothing stored that cannot be processed`, async () => {
  let number = 0
  const outcomes = new Map<number, number>()
  const delivery = fc.record({
    event: eventName,
    bytes: body,
    kind: proof,
    type: fc.constantFrom('application/json', 'application/json; charset=latin1', 'text/plain', ''),
    more: headerText,
  })
  await fc.assert(
    fc.asyncProperty(delivery, async ({ event, bytes, kind, type, more }) => {
      const id = `d-${(number += 1)}`
      const headers = {
        ...(type === '' ? {} : { 'content-type': type }),
        'x-gitlab-event': event,
        'x-gitlab-webhook-uuid': `u-${number}${more}`,
        'x-gitlab-event-uuid': more,
        ...toProof(kind, id, bytes),
      }
      const before = await lastStored()
      const { status } = await t.send('POST', '/webhooks/acme', { authorization: null, payload: bytes, headers })

      outcomes.set(status, (outcomes.get(status) ?? 0) + 1)
      expect([200, 202, 400, 401, 415]).toContain(status)
      const isVerified = kind === 'token' || kind === 'signature'
      if (!isVerified) expect(status).not.toBe(202)
      expect((await lastStored()) - before).toBe(status === 202 ? 1 : 0)
      if (status === 202) await processWebhook(t.app, await lastStored())
    }),
    { numRuns: RUNS },
  )
  expect([...outcomes.keys()].toSorted((a, b) => a - b)).toEqual([202, 400, 401, 415])
}, 300_000)

async function lastStored(): Promise<number> {
  const row = await t.app.db.read
    .selectFrom('webhook_deliveries')
    .select((e) => e.fn.max('id').as('id'))
    .executeTakeFirst()
  return row?.id ?? 0
}
