import { expect, test } from 'vitest'
import { prettyPayload } from './delivery-words.ts'

test('a payload is shown with line breaks, and as it came when it is cut', () => {
  expect(prettyPayload('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}')
  expect(prettyPayload('{"a":[1')).toBe('{"a":[1')
})
