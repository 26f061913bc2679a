import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readWorkTime, toJiraDuration } from './work-duration.ts'

describe('readWorkTime', () => {
  it.each([
    ['2h', '2h', ''],
    ['1w 2d 3h 4m', '1w 2d 3h 4m', ''],
    ['30m 1h', '30m 1h', ''],
    ['1h30m fix', '1h30m', 'fix'],
    ['1h  \t 5m x', '1h  \t 5m', 'x'],
    ['Refactoring 3h', '3h', 'Refactoring'],
    ['a 3h b', '3h', 'a b'],
    ['a 3h, b', '3h', 'a, b'],
    [': 2h', '2h', ':'],
    ['2h. Done', '2h', '. Done'],
    ['2h moved to v2m, 1080p, 5 items', '2h', 'moved to v2m, 1080p, 5 items'],
    ['2080h', '2080h', ''],
    ['1h 0m', '1h 0m', ''],
  ])('%j is %j and %j', (argument, time, text) => {
    expect(readWorkTime(argument)).toEqual({ kind: 'found', time, text })
  })

  const likeTime = (like: string) =>
    `"${like}" is not read as a time: a time is whole numbers, each directly before w, d, h or m.`
  const meant = (time: string) => `If you mean ${time}, write #time ${time}.`
  const form = 'Write it as in #time 1d 2h 30m.'
  const howTo = 'Write the time after #time in whole numbers with w, d, h or m, such as #time 1h 30m.'
  const both = (one: string, other: string) => `"${one}" and "${other}" both look like the time spent.`
  const oneTime = (time: string) => `Write one time, such as #time ${time}, and put text with another one into #comment.`

  it.each([
    ['', '#time names no time.', howTo],
    ['foo', 'There is no time in "foo".', howTo],
    ['v2m', 'There is no time in "v2m".', howTo],
    ['90', 'There is no time in "90".', howTo],
    ['x'.repeat(100), `There is no time in "${'x'.repeat(60)}…".`, howTo],
    ['1.5h fix', likeTime('1.5h'), meant('1h 30m')],
    ['0,25h', likeTime('0,25h'), meant('15m')],
    ['0.33h', likeTime('0.33h'), form],
    ['1.5d', likeTime('1.5d'), form],
    ['2hours', likeTime('2hours'), meant('2h')],
    ['2 hours', likeTime('2 hours'), meant('2h')],
    ['2H', likeTime('2H'), meant('2h')],
    ['(2h)', likeTime('(2h)'), meant('2h')],
    ['~2h', likeTime('~2h'), meant('2h')],
    ['1d,2h', likeTime('1d,2h'), meant('1d 2h')],
    ['-2h', likeTime('-2h'), form],
    ['2h-3h', likeTime('2h-3h'), form],
    ['2-3h', likeTime('2-3h'), form],
    ['1h30', likeTime('1h30'), form],
    ['2h fix 3d bug', both('2h', '3d'), oneTime('2h')],
    ['2h fix 1.5h timeout', both('2h', '1.5h'), oneTime('2h')],
    ['1d, 2h', both('1d', '2h'), oneTime('1d 2h')],
    ['1h 30 min', both('1h', '30 min'), oneTime('1h 30m')],
    ['0h', '"0h" is no time at all.', 'Write the time spent, such as #time 30m.'],
    ['0w 0m', '"0w 0m" is no time at all.', 'Write the time spent, such as #time 30m.'],
    [
      '2081h',
      '"2081h" is more than a working year of 52w and looks like a typing error.',
      'If it is meant, log the work in Jira.',
    ],
    ['2h 3h', '"2h 3h" gives the hours twice.', 'Write every unit once, such as #time 1d 2h 30m.'],
  ])('%j is told, not guessed', (argument, message, remedy) => {
    expect(readWorkTime(argument)).toEqual({ kind: 'doubtful', problem: { code: 'smart-commit-time-invalid', message, remedy } })
  })

  it('takes a number of any length', () => {
    expect(readWorkTime(`${'9'.repeat(100_000)}h`)).toMatchObject({ kind: 'doubtful' })
    expect(readWorkTime('1m'.repeat(100_000))).toMatchObject({ kind: 'doubtful' })
  })

  it('finds what people write, wherever it stands', () => {
    const part = (unit: string, max: number) => fc.option(fc.integer({ min: 1, max }).map((amount) => `${amount}${unit}`))
    const times = fc
      .tuple(part('w', 4), part('d', 5), part('h', 8), part('m', 600))
      .map((parts) => parts.filter((one) => one !== null).join(' '))
      .filter((time) => time !== '')
    const words = fc
      .array(fc.constantFrom('fixed', 'the', 'cart', 'v2', '(again)'), { maxLength: 3 })
      .map((list) => list.join(' '))
    fc.assert(
      fc.property(times, words, words, (time, before, after) => {
        const text = [before, after].filter(Boolean).join(' ')
        expect(readWorkTime(`${before} ${time} ${after}`)).toEqual({ kind: 'found', time, text })
      }),
    )
  })
})

describe('toJiraDuration', () => {
  it.each([
    ['2h', '2h'],
    ['1h  \t 5m', '1h 5m'],
    ['1d2h30m', '1d 2h 30m'],
  ])('%j is %j for Jira', (time, expected) => {
    expect(toJiraDuration(time)).toBe(expected)
  })
})
