import { expect, test } from 'vitest'
import { toJiraLine } from './jira-app-steps.ts'

test.each([
  ['8.14.0', '8-9'],
  ['9.12.5', '8-9'],
  ['10.3.5', '10'],
  ['11.0.0', '11'],
  ['12.1.0', '11'],
  ['', null],
  [null, null],
])('Jira %s: %s', (version, line) => {
  expect(toJiraLine(version)).toBe(line)
})
