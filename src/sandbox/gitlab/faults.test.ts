import { afterEach, beforeEach, expect, it } from 'vitest'
import { startTestGitLab, type TestGitLab } from './test-setup.ts'

let test: TestGitLab

beforeEach(async () => {
  test = await startTestGitLab()
})
afterEach(() => test.dispose())

it('answers with a fault as often as told, then as before', async () => {
  test.gitlab.faults.add({
    match: { method: 'GET', path: /\/user$/ },
    answer: { status: 503, headers: { 'retry-after': '7' }, body: { message: 'later' } },
    times: 2,
  })

  const answers = [await test.call('/user'), await test.call('/user'), await test.call('/user')]

  expect(answers.map(({ status }) => status)).toEqual([503, 503, 200])
  expect(answers[0]?.headers.get('retry-after')).toBe('7')
})

it('fails the second page only', async () => {
  test.gitlab.faults.add({ match: { path: /page=2/ }, answer: 'html502' })

  expect((await test.call('/projects?page=1')).status).toBe(200)
  const broken = await test.call('/projects?page=2')
  expect([broken.status, broken.headers.get('content-type'), broken.text.slice(0, 9)]).toEqual([
    502,
    'text/html; charset=utf-8',
    '<!DOCTYPE',
  ])
})

it('cuts a body, resets a connection and hangs', async () => {
  test.gitlab.faults.add({ match: { path: /cut/ }, answer: 'cut' })
  test.gitlab.faults.add({ match: { path: /reset/ }, answer: 'reset' })
  test.gitlab.faults.add({ match: { path: /hang/ }, answer: 'hang' })

  await expect(test.call('/user?cut')).rejects.toThrow()
  await expect(test.call('/user?reset')).rejects.toThrow()
  await expect(fetch(`${test.gitlab.url}/api/v4/user?hang`, { signal: AbortSignal.timeout(150) })).rejects.toThrow(
    /timeout|aborted/,
  )
})

it('lets requests through before a fault, and forgets faults', async () => {
  test.gitlab.faults.add({ match: { path: /user/ }, answer: { status: 500 }, after: 1, times: 5 })

  const before = [(await test.call('/user')).status, (await test.call('/user')).status]
  test.gitlab.faults.clear()

  expect([...before, (await test.call('/user')).status]).toEqual([200, 500, 200])
})

it('is slow', async () => {
  test.gitlab.faults.add({ match: {}, answer: 'slow' })
  const started = performance.now()

  const { status } = await test.call('/user')

  expect(status).toBe(200)
  expect(performance.now() - started).toBeGreaterThan(1_900)
})

it('limits, announces the limit and says when to come back', async () => {
  test.gitlab.setRateLimit({ requests: 2, periodSeconds: 60 })
  test.clock.advance(15_000)

  const answers = [await test.call('/user'), await test.call('/user'), await test.call('/user')]
  const [first, , refused] = answers
  test.clock.advance(45_000)

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429])
  expect(first?.headers.get('ratelimit-limit')).toBe('2')
  expect(first?.headers.get('ratelimit-remaining')).toBe('1')
  expect(first?.headers.get('ratelimit-reset')).toBe(String(Date.parse('2026-11-22T10:01:00Z') / 1000))
  expect([refused?.text, refused?.headers.get('content-type'), refused?.headers.get('retry-after')]).toEqual([
    'Retry later\n',
    'text/plain',
    '45',
  ])
  expect((await test.call('/user')).status).toBe(200)
})

it('has limits of the application that no header announces', async () => {
  test.gitlab.setRateLimit({ requests: 1, periodSeconds: 60, announced: false, path: /\/projects/ })

  const answers = [await test.call('/projects'), await test.call('/projects'), await test.call('/user')]

  expect(answers.map(({ status }) => status)).toEqual([200, 429, 200])
  expect(answers[1]?.headers.get('ratelimit-limit')).toBeNull()
})

it('records requests with their status', async () => {
  test.gitlab.clearRequests()

  await test.call('/projects?simple=true')
  await test.call('/projects/0')

  expect(test.gitlab.requests).toEqual([
    { method: 'GET', path: '/api/v4/projects?simple=true', kind: 'api', status: 200 },
    { method: 'GET', path: '/api/v4/projects/0', kind: 'api', status: 404 },
  ])
})
