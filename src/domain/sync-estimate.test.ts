import { expect, test } from 'vitest'
import { estimateFirstSync } from './sync-estimate.ts'

const scope = { repositories: 250, linked: 200, hookEach: false, requestsPerMinute: null }

test('pages of the list and five requests a repository; two seconds each, four at once', () => {
  expect(estimateFirstSync(scope)).toEqual({ requests: 3 + 200 * 5, minutes: 2 })
})

test('a webhook each takes two requests more', () => {
  expect(estimateFirstSync({ ...scope, hookEach: true }).requests).toBe(3 + 200 * 7)
})

test('what the host allows may take longer', () => {
  expect(estimateFirstSync({ ...scope, requestsPerMinute: 100 }).minutes).toBe(11)
})

test('nothing to do is done within a minute', () => {
  expect(estimateFirstSync({ ...scope, repositories: 0, linked: 0, requestsPerMinute: 0 })).toEqual({ requests: 0, minutes: 1 })
})
