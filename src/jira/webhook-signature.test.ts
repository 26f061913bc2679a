import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { toPathSecret, verifyJiraWebhook } from './webhook-signature.ts'

const SECRET = 'secret of the webhook'
const body = Buffer.from('{"webhookEvent":"jira:issue_created"}\n\xff', 'latin1')
const sign = (secret: string, algorithm = 'sha256') => `${algorithm}=${createHmac(algorithm, secret).update(body).digest('hex')}`
const verify = (signature: string | undefined, secrets: readonly string[] = [SECRET]) =>
  verifyJiraWebhook({ signature, pathSecret: null }, body, secrets) === 'signature'

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

test('an address ends with what is made from the secret, compared whole; it is not the secret, and no signature counts', () => {
  const byPath = (pathSecret: string) => verifyJiraWebhook({ signature: sign(SECRET), pathSecret }, body, [SECRET])
  const right = toPathSecret(SECRET)

  // As in the documentation: printf %s jira-webhook-path | openssl dgst -sha256 -hmac "$SECRET"
  expect(right).toBe(createHmac('sha256', SECRET).update('jira-webhook-path').digest('hex'))
  expect(byPath(right)).toBe('path')
  expect([byPath(SECRET), byPath(''), byPath(`${right}x`), byPath(right.slice(1))]).toEqual([null, null, null, null])
  expect(verifyJiraWebhook({ signature: undefined, pathSecret: toPathSecret('') }, body, [''])).toBeNull()
})
