import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { issueKey } from './ids.ts'
import {
  hasSmartCommits,
  listCommands,
  MAX_COMMANDS_PER_COMMIT,
  parseSmartCommits,
  printSmartCommits,
  type SmartCommand,
} from './smart-commit.ts'

const commandSchema = z.discriminatedUnion('name', [
  z.object({ name: z.literal('comment'), text: z.string() }),
  z.object({ name: z.literal('time'), time: z.string().nullable().default(null), text: z.string() }),
  z.object({ name: z.literal('transition'), transition: z.string(), text: z.string() }),
])
const caseSchema = z.object({
  message: z.string(),
  expected: z.array(z.object({ keys: z.array(z.string()), commands: z.array(commandSchema) })),
  note: z.string(),
})

function readCases(url: URL) {
  return z.array(caseSchema).parse(JSON.parse(readFileSync(url, 'utf8')))
}

const cases = readCases(new URL('fixtures/smart-commits.json', import.meta.url))

describe('parseSmartCommits', () => {
  it.each(cases)('$note: $message', ({ message, expected }) => {
    expect(parseSmartCommits(message)).toEqual(expected)
    expect(hasSmartCommits(message)).toBe(expected.length > 0)
  })

  const shared = new URL('../../../shared/data/smart-commits.json', import.meta.url)
  if (existsSync(shared)) {
    it('answers every case of the shared data', () => {
      const wrong = readCases(shared).filter(
        ({ message, expected }) => JSON.stringify(parseSmartCommits(message)) !== JSON.stringify(expected),
      )
      expect(wrong).toEqual([])
    })
  }

  it('takes no key that is longer than Jira has, and does not cut it', () => {
    expect(parseSmartCommits(`${'A'.repeat(2000)}-1 #done`)).toEqual([])
  })

  it.each([
    'SHOP-1 ',
    'SHOP-1,',
    '#a ',
    '\t#',
    '1h ',
    '1 h ',
    '1.1',
    '1-',
    'A_',
    '9',
    ' ',
    'a ',
    'SHOP-1 #time 1.',
    '#time 1h',
    '(1h,',
  ])('reads a megabyte of %j in linear time', (piece) => {
    const message = (size: number) => `SHOP-1 #time ${piece.repeat(size / piece.length)}`
    const timeOf = (size: number) => {
      const started = performance.now()
      expect(hasSmartCommits(message(size))).toBe(true)
      printSmartCommits(parseSmartCommits(message(size)))
      return performance.now() - started
    }
    // A quadratic reading of a megabyte takes minutes. The bound leaves room for a machine that others use, too.
    expect(timeOf(1_000_000)).toBeLessThan(5_000)
  })
})

const pieces = [
  'SHOP-1',
  'MY_SHOP-22',
  'UTF-8',
  'shop-3',
  '#comment',
  '#Time',
  '#done',
  '#-x',
  '#',
  '##',
  '1h',
  '2h30m',
  '1.5h',
  '2 hours',
  '1d,2h',
  '0m',
  'min',
  'v2m',
  'fix',
  ' ',
  '  ',
  '\t',
  ',',
  ', ',
  ';',
  '.',
  '_',
  '-',
  '/',
  '&',
  'é',
  '\u00a0',
  '\r',
  '\n',
  '\r\n',
  '1',
  'h',
]
const messages = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 200 }),
)

describe('any message', () => {
  it('is read without an error, says the same when it is printed and read again, and is found by the quick look', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const groups = parseSmartCommits(message)
        expect(parseSmartCommits(printSmartCommits(groups))).toEqual(groups)
        expect(hasSmartCommits(message)).toBe(groups.length > 0)
      }),
      { numRuns: 5_000 },
    )
  })

  it('gives groups that have keys and commands, and texts that are trimmed and of one line', () => {
    fc.assert(
      fc.property(messages, (message) => {
        for (const { keys, commands } of parseSmartCommits(message)) {
          expect(keys.length).toBeGreaterThan(0)
          expect(new Set(keys).size).toBe(keys.length)
          expect(commands.length).toBeGreaterThan(0)
          for (const { text } of commands) expect(text).not.toMatch(/^[ \t]|[ \t]$|\n/)
        }
      }),
    )
  })
})

describe('listCommands', () => {
  const done: SmartCommand = { name: 'transition', transition: 'done', text: '' }
  const comment: SmartCommand = { name: 'comment', text: 'hi' }

  it('goes by group, command and key', () => {
    const { commands, leftOut } = listCommands(parseSmartCommits('SHOP-2 SHOP-1 #comment hi #done\nSHOP-3 #done'))
    expect(leftOut).toBe(0)
    expect(commands).toEqual([
      { issue: 'SHOP-2', command: comment },
      { issue: 'SHOP-1', command: comment },
      { issue: 'SHOP-2', command: done },
      { issue: 'SHOP-1', command: done },
      { issue: 'SHOP-3', command: done },
    ])
  })

  it('takes the first ones and counts the others, however many a message asks for', () => {
    const keys = Array.from({ length: 10_000 }, (_, index) => issueKey(`SHOP-${index + 1}`))
    const groups = [
      { keys: keys.slice(0, 150), commands: [done, comment] },
      { keys, commands: Array.from({ length: 10_000 }, () => done) },
    ]
    const { commands, leftOut } = listCommands(groups)
    expect(commands).toHaveLength(MAX_COMMANDS_PER_COMMIT)
    expect(commands[150]).toEqual({ issue: 'SHOP-1', command: comment })
    expect(leftOut).toBe(300 + 100_000_000 - MAX_COMMANDS_PER_COMMIT)
  })
})
