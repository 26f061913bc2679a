import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { issueKey } from './ids.ts'
import { findIssueKeyCandidates, MAX_KEY_LENGTH, MAX_KEYS_PER_TEXT, projectKeyOf, selectKnownKeys } from './issue-keys.ts'

const caseSchema = z.object({
  input: z.string(),
  kind: z.enum(['text', 'branch']),
  knownProjects: z.array(z.string()).nullable(),
  expected: z.array(z.string()),
  note: z.string(),
})

function readCases(url: URL) {
  return z.array(caseSchema).parse(JSON.parse(readFileSync(url, 'utf8')))
}

function findAsIn({ input, kind, knownProjects }: z.infer<typeof caseSchema>) {
  const candidates = findIssueKeyCandidates(input, { anyCase: kind === 'branch' })
  return knownProjects === null ? candidates : selectKnownKeys(candidates, new Set(knownProjects))
}

describe('findIssueKeyCandidates', () => {
  it.each(readCases(new URL('fixtures/issue-keys.json', import.meta.url)))('$kind: $note: $input', (record) => {
    expect(findAsIn(record)).toEqual(record.expected)
  })

  const shared = new URL('../../../shared/data/issue-keys.json', import.meta.url)
  if (existsSync(shared)) {
    it('answers every case of the shared data', () => {
      const wrong = readCases(shared).filter((record) => JSON.stringify(findAsIn(record)) !== JSON.stringify(record.expected))
      expect(wrong).toEqual([])
    })
  }

  it('takes no key that is longer than the limit, and does not cut it', () => {
    const longest = `${'A'.repeat(MAX_KEY_LENGTH - 2)}-1`
    expect(findIssueKeyCandidates(longest)).toEqual([longest])
    expect(findIssueKeyCandidates(`${longest}0 ${'A'.repeat(MAX_KEY_LENGTH)}-1 AB-1`)).toEqual(['AB-1'])
  })

  it('takes the first keys up to the limit per text', () => {
    const text = Array.from({ length: MAX_KEYS_PER_TEXT + 10 }, (_, index) => `AB-${index + 1}`).join(' ')
    const keys = findIssueKeyCandidates(text)
    expect(keys).toHaveLength(MAX_KEYS_PER_TEXT)
    expect(keys.at(-1)).toBe(`AB-${MAX_KEYS_PER_TEXT}`)
  })
})

describe('findIssueKeyCandidates against a naive reading of the rule', () => {
  const pieces = [
    'A',
    'B',
    'z',
    'AB',
    'AB-1',
    'x',
    '_',
    '-',
    '--',
    '0',
    '1',
    '7',
    ' ',
    '\n',
    '/',
    'é',
    '٣',
    '𝐀',
    '𝟘',
    '🚀',
    '\ud83d',
    '\udc00',
    'ſ',
    'K',
  ]
  const text = fc.array(
    fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...pieces) }, fc.string({ unit: 'binary', maxLength: 2 })),
    {
      maxLength: 40,
    },
  )

  it.each([false, true])('finds the same keys, anyCase %s', (anyCase) => {
    fc.assert(
      fc.property(text, (parts) => {
        const joined = parts.join('')
        expect(findIssueKeyCandidates(joined, { anyCase })).toEqual(findNaively(joined, anyCase))
      }),
      { numRuns: 3000 },
    )
  })

  it('does not change with text around that is no letter, digit or underscore', () => {
    fc.assert(
      fc.property(text, fc.constantFrom(' ', '-', '(', '🚀', '\n'), (parts, mark) => {
        const joined = parts.join('')
        expect(findIssueKeyCandidates(`${mark}${joined}${mark}`)).toEqual(findIssueKeyCandidates(joined))
      }),
    )
  })
})

describe('time taken', () => {
  const adversaries: Record<string, (size: number) => string> = {
    letters: (size) => 'A'.repeat(size),
    'A-': (size) => 'A-'.repeat(size / 2),
    A1_: (size) => 'A1_'.repeat(size / 3),
    digits: (size) => `AB-${'1'.repeat(size)}é`,
    'long projects': (size) => `${'A'.repeat(500)}-0 `.repeat(size / 503),
    'keys followed by a letter': (size) => 'AB-1é'.repeat(size / 5),
  }

  it.each(Object.entries(adversaries))('grows in proportion to the text: %s', (_name, make) => {
    // 16 times the text may take 16 times as long; a quadratic reading would take 256 times as long.
    const small = fastestMs(make(40_000))
    const large = fastestMs(make(640_000))
    expect(large / small).toBeLessThan(80)
  })

  function fastestMs(text: string): number {
    const times = Array.from({ length: 7 }, () => {
      const start = performance.now()
      findIssueKeyCandidates(text)
      findIssueKeyCandidates(text, { anyCase: true })
      return performance.now() - start
    })
    return Math.min(...times)
  }
})

describe('selectKnownKeys and projectKeyOf', () => {
  it('keeps the order and compares exactly', () => {
    const keys = ['AB-2', 'MY_AB-1', 'AB-1', 'ABC-1'].map(issueKey)
    expect(selectKnownKeys(keys, new Set(['AB']))).toEqual(['AB-2', 'AB-1'])
    expect(selectKnownKeys(keys, new Set())).toEqual([])
  })

  it('reads the project of a key', () => {
    expect(projectKeyOf(issueKey('MY_PROJ-7'))).toBe('MY_PROJ')
  })
})

/** Reads the rule character by character, without a regular expression for the whole: slow and obvious. */
function findNaively(text: string, anyCase: boolean): string[] {
  const characters = [...text]
  const isWord = (character: string | undefined) => character !== undefined && /^[\p{L}\p{Nd}]$/u.test(character)
  const isLetter = (character: string | undefined) =>
    character !== undefined && ((character >= 'A' && character <= 'Z') || (anyCase && character >= 'a' && character <= 'z'))
  const isDigit = (character: string | undefined) => character !== undefined && character >= '0' && character <= '9'
  const found: string[] = []
  for (let start = 0; start < characters.length; start++) {
    const before = characters[start - 1]
    if (isWord(before) || before === '_' || !isLetter(characters[start])) continue
    let hyphen = start + 1
    while (isLetter(characters[hyphen]) || isDigit(characters[hyphen]) || characters[hyphen] === '_') hyphen++
    if (hyphen - start < 2 || characters[hyphen] !== '-' || characters[hyphen + 1] === '0') continue
    let end = hyphen + 1
    while (isDigit(characters[end])) end++
    if (end === hyphen + 1 || isWord(characters[end])) continue
    const key = characters.slice(start, end).join('').toUpperCase()
    if (!found.includes(key)) found.push(key)
  }
  return found
}
