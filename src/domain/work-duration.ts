import type { Problem } from './problem.ts'

/** What an argument of `#time` says: a time beyond doubt and the text around it, or what is wrong. */
export type WorkTime =
  | {
      readonly kind: 'found'
      /** As written, such as `1h  30m`. */
      readonly time: string
      readonly text: string
    }
  | { readonly kind: 'doubtful'; readonly problem: Problem }

/** A working year of 52 weeks of 40 hours. More in one commit is a typing error. */
const MAX_HOURS = 2_080
/** Longer words are no durations, whatever they hold; keeps the expressions below cheap. */
const LONGEST_WORD = 60
const LONGEST_QUOTE = 60

const DIGIT = /[0-9]/
const DIGIT_FIRST = /^[0-9]/
const WORD = /[^ \t\v\f\r\n]+/g
/** Whole numbers with w, d, h or m, perhaps before a punctuation mark: `2h`, `1h30m`, `2h,`. */
const TIME_WORD = /^((?:[0-9]+[wdhm])+)([,;:.!]*)$/
const PART = /([0-9]+)([wdhm])/g

const UNIT_WORD = 'w|wks?|weeks?|d|days?|h|hrs?|hours?|m|mins?|minutes?'
const NUMBER = String.raw`[0-9]+(?:[.,:/-][0-9]+)*`
/** What people mean as a time though it is none: `1.5h`, `2hours`, `2H`, `1d,2h`, `2-3h`, `-2h`, `(2h)`, `1h30`. */
const LIKE_TIME = new RegExp(
  String.raw`^[^\p{L}\p{Nd}]*${NUMBER}(?:${UNIT_WORD})(?:[,;/+&-]*${NUMBER}(?:${UNIT_WORD}))*(?:[,;/+&-]*[0-9]+)?[^\p{L}\p{Nd}]*$`,
  'iu',
)
/** `2 hours`, `2 h`. */
const NUMBER_WORD = /^[0-9]+(?:[.,][0-9]+)?$/
const UNIT_ALONE = new RegExp(`^(?:${UNIT_WORD})[,;:.!]*$`, 'i')
const LIKE_PART = new RegExp(String.raw`(${NUMBER})\s*(${UNIT_WORD})(?![a-z])`, 'gi')

/** Hours of a unit as Jira counts them by default; only for what is plainly too much. Jira's own settings count. */
const HOURS: Readonly<Record<string, number>> = { w: 40, d: 8, h: 1, m: 1 / 60 }
const UNIT_NAMES: Readonly<Record<string, string>> = { w: 'weeks', d: 'days', h: 'hours', m: 'minutes' }

/**
 * Finds the time in the argument of `#time`: one run of words, each of whole numbers with `w`, `d`, `h` or `m`, anywhere in
 * it. What could be meant otherwise is not guessed at: decimals, units spelt out or glued to other letters, a second time
 * in the text, nothing, and more than a working year.
 *
 * @param argument Text after `#time`. The time taken is linear in its length.
 */
export function readWorkTime(argument: string): WorkTime {
  const run = findRun(argument)
  if (run === null) return doubtful(noTime(argument, findLikeTime(argument)))
  const time = argument.slice(run.start, run.end)
  const text = join(argument.slice(0, run.start).trim(), argument.slice(run.end).trim())
  const second = findRun(text)
  const other = second === null ? findLikeTime(text) : text.slice(second.start, second.end)
  if (other !== null) return doubtful(twoTimes({ time, other, text }))
  const problem = findAmountProblem(time)
  return problem === null ? { kind: 'found', time, text } : doubtful(problem)
}

/** In Jira's form: `1h30m` and `1h  30m` as `1h 30m`. */
export function toJiraDuration(time: string): string {
  return [...time.matchAll(PART)].map(([part]) => part).join(' ')
}

/** The first words beside each other that are times. A punctuation mark ends the run: in `1d, 2h` are two. */
function findRun(text: string): { readonly start: number; readonly end: number } | null {
  let start: number | null = null
  let end = 0
  for (const { 0: word, index } of text.matchAll(WORD)) {
    const [, time, punctuation] = DIGIT_FIRST.test(word) ? (TIME_WORD.exec(word) ?? []) : []
    if (time === undefined && start !== null) break
    if (time === undefined) continue
    start ??= index
    end = index + time.length
    if (punctuation !== '') break
  }
  return start === null ? null : { start, end }
}

function join(before: string, after: string): string {
  return before === '' || after === '' || /^[,;:.!]/.test(after) ? before + after : `${before} ${after}`
}

function findLikeTime(text: string): string | null {
  let number: string | null = null
  for (const [word] of text.matchAll(WORD)) {
    if (number !== null && UNIT_ALONE.test(word)) return `${number} ${word}`
    const short = word.length <= LONGEST_WORD && DIGIT.test(word)
    if (short && LIKE_TIME.test(word)) return word
    number = short && NUMBER_WORD.test(word) ? word : null
  }
  return null
}

function findAmountProblem(time: string): Problem | null {
  // One more than there are units: by then one comes twice.
  const parts = time
    .matchAll(PART)
    .take(Object.keys(HOURS).length + 1)
    .map(([, amount = '', unit = '']) => ({ amount: Number(amount), unit }))
    .toArray()
  const hours = parts.reduce((sum, { amount, unit }) => sum + amount * (HOURS[unit] ?? 0), 0)
  if (hours === 0) return invalid(`"${quote(time)}" is no time at all.`, 'Write the time spent, such as #time 30m.')
  if (hours > MAX_HOURS) {
    return invalid(
      `"${quote(time)}" is more than a working year of 52w and looks like a typing error.`,
      'If it is meant, log the work in Jira.',
    )
  }
  const twice = parts.find(({ unit }, index) => parts.findIndex((part) => part.unit === unit) < index)
  if (twice === undefined) return null
  return invalid(`"${quote(time)}" gives the ${UNIT_NAMES[twice.unit]} twice.`, 'Write every unit once, such as #time 1d 2h 30m.')
}

function noTime(argument: string, like: string | null): Problem {
  if (like !== null) {
    const meant = suggest(like)
    return invalid(
      `"${quote(like)}" is not read as a time: a time is whole numbers, each directly before w, d, h or m.`,
      meant === null ? 'Write it as in #time 1d 2h 30m.' : `If you mean ${meant}, write #time ${meant}.`,
    )
  }
  const message = argument.trim() === '' ? '#time names no time.' : `There is no time in "${quote(argument)}".`
  return invalid(message, 'Write the time after #time in whole numbers with w, d, h or m, such as #time 1h 30m.')
}

function twoTimes({ time, other, text }: { time: string; other: string; text: string }): Problem {
  const together = text.replace(/^[,;:.!]\s*/, '').startsWith(other) ? suggest(`${time} ${other}`) : null
  return invalid(
    `"${quote(time)}" and "${quote(other)}" both look like the time spent.`,
    `Write one time, such as #time ${quote(together ?? time)}, and put text with another one into #comment.`,
  )
}

/** What is meant, in our form; null: that would be a guess, as with `-2h`, `2h-3h` and `1h30`. */
function suggest(like: string): string | null {
  if (!/^[\s,;:.!~()+&]*$/.test(like.replaceAll(LIKE_PART, ''))) return null
  const parts: string[] = []
  for (const [, number = '', word = ''] of like.matchAll(LIKE_PART)) {
    const unit = word.charAt(0).toLowerCase()
    const part = /^[0-9]+$/.test(number) ? `${Number(number)}${unit}` : withoutDecimals(number, unit)
    if (part === null) return null
    parts.push(part)
  }
  const text = parts.join(' ')
  return parts.length > 0 && findAmountProblem(text) === null ? text : null
}

/** `1.5` hours are `1h 30m`. How long a day or a week is, only Jira's settings know. */
function withoutDecimals(number: string, unit: string): string | null {
  if (unit !== 'h' || !/^[0-9]+[.,][0-9]+$/.test(number)) return null
  const minutes = Number(number.replace(',', '.')) * 60
  if (!Number.isInteger(minutes)) return null
  const hours = Math.floor(minutes / 60)
  return [hours > 0 ? `${hours}h` : '', minutes % 60 > 0 ? `${minutes % 60}m` : ''].filter(Boolean).join(' ')
}

function quote(text: string): string {
  return text.length <= LONGEST_QUOTE ? text.trim() : `${text.slice(0, LONGEST_QUOTE).trim()}…`
}

function invalid(message: string, remedy: string): Problem {
  return { code: 'smart-commit-time-invalid', message, remedy }
}

function doubtful(problem: Problem): WorkTime {
  return { kind: 'doubtful', problem }
}
