import { expect, test } from 'vitest'
import { toStepName } from './connection-step-name.ts'

test.each([
  ['dns', 'DNS'],
  ['reachable', 'Reachable'],
  ['', ''],
])('the step %s is called %s', (name, text) => {
  expect(toStepName(name)).toBe(text)
})
