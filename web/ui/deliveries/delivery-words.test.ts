import { expect, test } from 'vitest'
import type { JiraDeliveryJson } from '../../../src/contract/delivery.ts'
import { describeNotReplayable, isReplayable, prettyPayload } from './delivery-words.ts'

test('a payload is shown with line breaks, and as it came when it is cut', () => {
  expect(prettyPayload('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}')
  expect(prettyPayload('{"a":[1')).toBe('{"a":[1')
})

test('only development information is written again', () => {
  const write = (kind: JiraDeliveryJson['kind'], issue: string | null = 'SHOP-1'): JiraDeliveryJson => ({
    id: 'out-1',
    direction: 'out',
    issue,
    issueId: issue === null ? null : '10001',
    kind,
    writtenAt: '2026-11-26T10:00:00.000Z',
    ms: 1,
    state: 'failed',
    status: null,
    error: null,
    bytes: null,
    contentHash: null,
    syncId: null,
    repositoryId: null,
  })

  expect((['property', 'link-deletion', 'comment', 'webhook'] as const).map((kind) => isReplayable(write(kind)))).toEqual([
    true,
    true,
    false,
    false,
  ])
  expect(describeNotReplayable(write('worklog'))).toContain('would be there twice')
  expect(describeNotReplayable(write('webhook', null))).toContain('by itself')
})
