import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { createVerify, toPlainToken } from './webhook.ts'

const NOW = new Date('2026-03-01T10:00:00Z')
const verify = createVerify({ ...systemClock, now: () => NOW })
const body = Buffer.from('{"a":"ü"}\xff', 'latin1')

describe('verify by token', () => {
  it.each([
    ['first', ['first', 'second'], 'token'],
    ['second', ['first', 'second'], 'token'],
    ['third', ['first', 'second'], null],
    ['', [''], null],
    [undefined, ['first'], null],
    // No key of the length that Standard Webhooks asks for: an empty one would sign for anybody.
    ['whsec_', ['whsec_'], 'token'],
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
    expect(verify(signed, body, ['plain', secret])).toBe('signature')
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
    expect(verify(headers, bytes, [secret])).toBeNull()
  })

  it('falls back to the token where GitLab does not sign', () => {
    expect(verify({ 'x-gitlab-token': toPlainToken(secret) }, body, [secret])).toBe('token')
    expect(verify({ 'x-gitlab-token': secret }, body, [secret])).toBeNull()
  })

  it.each([-300, 300])('takes a clock that is %i seconds off', (seconds) => {
    const timestamp = String(NOW.getTime() / 1000 + seconds)
    const headers = { ...signed, 'webhook-timestamp': timestamp, 'webhook-signature': sign(timestamp, body) }

    expect(verify(headers, body, [secret])).toBe('signature')
  })

  it('takes either of two keys during a rotation, and no third', () => {
    const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`

    expect(verify(signed, body, [other, secret])).toBe('signature')
    expect(verify(signed, body, [other])).toBeNull()
  })

  it('agrees with the library of Standard Webhooks about text', () => {
    const text = '{"title":"Über SHOP-7 \u{1f600}"}\n'
    const headers = { ...signed, 'webhook-signature': new Webhook(secret).sign('id-1', NOW, text) }

    expect(verify(headers, Buffer.from(text), [secret])).toBe('signature')
  })

  it.each(['whsec_', 'whsec_AAAA', 'whsec_not base64!'])('no signature is made with %s', (short) => {
    const empty = `v1,${createHmac('sha256', Buffer.from(short.slice(6), 'base64'))
      .update(`id-1.${at}.`)
      .update(body)
      .digest('base64')}`

    expect(verify({ ...signed, 'webhook-signature': empty }, body, [short])).toBeNull()
  })
})
