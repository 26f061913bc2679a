import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { isJiraWebhookVerified } from './webhook-signature.ts'

const SECRET = 'secret of the webhook'
const body = Buffer.from('{"webhookEvent":"jira:issue_created"}\n\xff', 'latin1')
const sign = (secret: string, algorithm = 'sha256') => `${algorithm}=${createHmac(algorithm, secret).update(body).digest('hex')}`
const verify = (signature: string | undefined, secrets: readonly string[] = [SECRET]) =>
  isJiraWebhookVerified({ signature, pathSecret: null }, body, secrets)

describe('a signed webhook', () => {
  test('is verified over its bytes, by any of the secrets', () => {
    expect(verify(sign(SECRET))).toBe(true)
    expect(verify(sign(SECRET).toUpperCase().replace('SHA256', 'sha256'))).toBe(true)
    expect(verify(sign(SECRET), ['another', SECRET])).toBe(true)
  })

  test.each([
    undefined,
    '',
    'sha256=',
    SECRET,
    sign('another'),
    sign(SECRET, 'sha1'),
    `${sign(SECRET)}0`,
    sign(SECRET).slice(0, -1),
    sign(SECRET).replace('sha256=', ''),
    sign(''),
  ])('%s is not', (signature) => {
    expect(verify(signature)).toBe(false)
  })

  test('an empty secret verifies nothing', () => {
    expect(verify(sign(''), [''])).toBe(false)
  })
})

test('the secret of an address is compared whole, and its signature does not count', () => {
  const byPath = (pathSecret: string) => isJiraWebhookVerified({ signature: sign(SECRET), pathSecret }, body, [SECRET])

  expect(byPath(SECRET)).toBe(true)
  expect([byPath(''), byPath(`${SECRET}x`), byPath(SECRET.slice(1))]).toEqual([false, false, false])
})
