import { expect, test } from 'vitest'
import { isUsableRefName, MAX_REF_NAME_BYTES } from './ref-name.ts'

test.each([
  ['plain', 'refs/heads/main', true],
  ['beyond ASCII', 'refs/heads/größe/日本語\u00a0x', true],
  ['not UTF-8', Buffer.from('refs/heads/caf\xe9', 'latin1').toString('utf8'), false],
  ['as long as may be', 'ü'.repeat(MAX_REF_NAME_BYTES / 2), true],
  ['too long', `${'ü'.repeat(MAX_REF_NAME_BYTES / 2)}x`, false],
])('%s', (_what, name, usable) => {
  expect(isUsableRefName(name)).toBe(usable)
})
