import { expect, test } from 'vitest'
import { readTexts } from '../../sandbox/jira/app/read-texts.ts'
import { toPropertiesText } from './properties-text.ts'

test('everything beyond ASCII is escaped, and read back as it was', () => {
  const text = toPropertiesText('a.b=Größe \u{1F600}\n')

  expect(text).toBe('a.b=Gr\\u00F6\\u00DFe \\uD83D\\uDE00\n')
  expect(readTexts(text).get('a.b')).toBe('Größe \u{1F600}')
})
