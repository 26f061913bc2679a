import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { HttpClient } from '../lib/http-client.ts'
import { createTestClient, createTestHttp, startScriptedServer } from './fixtures/test-jira.ts'

const SIGNED_IN = { 'content-type': 'application/json', 'x-ausername': 'dvcs-bot' }
const ERROR_BODY = JSON.stringify({ errorMessages: ['Something is wrong.'], errors: { field: 'bad' } })

let http: HttpClient
const closers: (() => Promise<void>)[] = []

beforeEach(() => {
  http = createTestHttp()
})

afterEach(async () => {
  await http.close()
  for (const close of closers.splice(0)) await close()
})

async function clientFor(respond: (response: ServerResponse, path: string) => void) {
  const server = await startScriptedServer(respond)
  closers.push(server.close)
  return createTestClient(server.url, { http })
}

const answerWith = (status: number, headers: Record<string, string>, body: string) => (response: ServerResponse) => {
  response.writeHead(status, headers).end(body)
}

test.each([
  [400, SIGNED_IN, 'jira-refused', false],
  [401, { 'content-type': 'application/json' }, 'jira-credentials-refused', false],
  [401, { ...SIGNED_IN, 'x-authentication-denied-reason': 'CAPTCHA_CHALLENGE; login-url=x' }, 'jira-captcha', false],
  [401, SIGNED_IN, 'jira-permission-missing', false],
  [403, SIGNED_IN, 'jira-permission-missing', false],
  [403, { ...SIGNED_IN, 'x-ausername': 'anonymous' }, 'jira-anonymous', false],
  [404, SIGNED_IN, 'jira-issue-not-found', false],
  [404, { ...SIGNED_IN, 'x-ausername': 'anonymous' }, 'jira-anonymous', false],
  [404, { 'content-type': 'text/html' }, 'jira-unexpected-answer', true],
  [405, SIGNED_IN, 'jira-read-only', true],
  [409, SIGNED_IN, 'jira-refused', true],
  [413, SIGNED_IN, 'jira-refused', false],
  [500, SIGNED_IN, 'jira-unavailable', true],
  [502, { 'content-type': 'text/html' }, 'jira-unavailable', true],
  [503, {}, 'jira-unavailable', true],
  [200, { 'content-type': 'text/html; charset=utf-8' }, 'jira-unexpected-answer', true],
  [200, { 'content-type': 'application/json' }, 'jira-anonymous', false],
  [200, { ...SIGNED_IN, 'x-ausername': 'anonymous' }, 'jira-anonymous', false],
])('status %i with %o is %s', async (status, headers, code, retryable) => {
  const client = await clientFor(answerWith(status, headers as Record<string, string>, ERROR_BODY))

  const put = client.putIssueProperty('SHOP-1', { name: 'p', json: '1' }, new AbortController().signal)

  await expect(put).rejects.toMatchObject({ code, retryable })
})

test('says what Jira said, and never the token', async () => {
  const client = await clientFor(answerWith(400, SIGNED_IN, ERROR_BODY))

  const error: unknown = await client
    .putIssueProperty('SHOP-1', { name: 'p', json: '1' }, new AbortController().signal)
    .catch((reason: unknown) => reason)

  expect(error).toMatchObject({
    userMessage: expect.stringMatching(/property p of issue SHOP-1 .*HTTP 400.*Something is wrong\. field: bad/) as string,
  })
  expect(JSON.stringify(error) + String(error)).not.toContain('bot-token')
})

test('a rate limit that lasts ends with the time to come back', async () => {
  const headers = {
    ...SIGNED_IN,
    'retry-after': '1',
    'x-ratelimit-limit': '1',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-fillrate': '1',
    'x-ratelimit-interval-seconds': '1',
  }
  let requests = 0
  const client = await clientFor((response) => {
    requests += 1
    response.writeHead(429, headers).end('{}')
  })

  const error = await client
    .listProjects(new AbortController().signal)
    .catch((reason: unknown) => reason as { code: string; retryAt: Date })

  expect(error).toMatchObject({ code: 'jira-rate-limited', retryable: true })
  expect((error as { retryAt: Date }).retryAt.getTime()).toBeGreaterThan(Date.now())
  expect(requests).toBe(3)
})

test('JSON of another shape is no answer', async () => {
  const client = await clientFor(answerWith(200, SIGNED_IN, '[{"id":1}]'))

  await expect(client.listProjects(new AbortController().signal)).rejects.toMatchObject({ code: 'jira-unexpected-answer' })
})

test('a cut body is an error, not an empty list', async () => {
  const client = await clientFor((response) => {
    response.writeHead(200, { ...SIGNED_IN, 'content-length': '1000' })
    response.write('[')
    setTimeout(() => response.destroy(), 20)
  })

  await expect(client.listProjects(new AbortController().signal)).rejects.toMatchObject({ code: 'response-cut' })
})

test('a hanging Jira can be given up', async () => {
  const client = await clientFor(() => undefined)

  await expect(client.listProjects(AbortSignal.timeout(100))).rejects.toMatchObject({ name: 'TimeoutError' })
})

test('a Jira that validates searches all the same is asked in halves', async () => {
  const searches: string[] = []
  const client = await clientFor((response, path) => {
    searches.push(path)
    if (path.endsWith('/search'))
      response.writeHead(400, SIGNED_IN).end('{"errorMessages":["An issue with key does not exist."]}')
    else if (path.includes('SHOP-2')) response.writeHead(404, SIGNED_IN).end('{"errorMessages":["Issue Does Not Exist"]}')
    else response.writeHead(200, SIGNED_IN).end(JSON.stringify({ id: '10001', key: /issue\/([^?]+)/.exec(path)?.[1] }))
  })

  const found = await client.findIssues(['SHOP-1', 'SHOP-2', 'SHOP-3'], new AbortController().signal)

  expect([...found.keys()]).toEqual(['SHOP-1', 'SHOP-3'])
})
