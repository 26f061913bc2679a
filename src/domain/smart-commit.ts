import { issueKey, type IssueKey } from './ids.ts'
import { MAX_KEY_LENGTH } from './issue-keys.ts'
import { readWorkTime } from './work-duration.ts'

/** What somebody asks for after `#` in a commit message. */
export type SmartCommand =
  | { readonly name: 'comment'; readonly text: string }
  | {
      readonly name: 'time'
      /** As written; null: none was found that is beyond doubt, and `text` is all that was written. To be reported. */
      readonly time: string | null
      readonly text: string
    }
  | {
      readonly name: 'transition'
      /** The word after `#` as written: the beginning of a transition's name, blanks as hyphens. */
      readonly transition: string
      readonly text: string
    }

/** Issues and what is asked for each of them. */
export interface CommandGroup {
  readonly keys: readonly IssueKey[]
  readonly commands: readonly SmartCommand[]
}

/** Of one commit; a message written by people stays far below it. The first ones count. */
export const MAX_COMMANDS_PER_COMMIT = 200

const BLANK = String.raw`[ \t\v\f\r]`
/**
 * A key as in `issue-keys.ts`, but not after `& = ? > ^ ! ~ / -` (addresses, paths, parts of words) and not before an
 * underscore. The left guard keeps it linear, as there.
 */
const KEY = /(?<![\p{L}\p{Nd}_&=?>^!~/-])[A-Z][A-Z0-9_]+-[1-9][0-9]*(?![\p{L}\p{Nd}_])/gu
/** At the start of what follows a key, or after a blank. */
const COMMAND = new RegExp(`(?:^|(?<=${BLANK}))#([A-Za-z][A-Za-z-]*)`, 'g')
const BETWEEN_KEYS = new RegExp(`^,?${BLANK}*$`)
const OUTER_BLANKS = new RegExp(`^${BLANK}+|(?<!${BLANK})${BLANK}+$`, 'g')
/** No message without this has a command. */
const MAY_HAVE_COMMAND = /#[A-Za-z]/

/**
 * Reads `KEY ignored text #command argument` in each line of a commit message. Keys that only blanks or commas part share
 * the commands behind them; an argument ends at the next command, the next key or the end of the line. Every message is
 * read alike; which are executed is not decided here.
 *
 * @param message A whole message. The time taken is linear in its length, whatever it holds.
 * @returns In the order of the message; groups without commands are left out, a key counts once in its group.
 */
export function parseSmartCommits(message: string): CommandGroup[] {
  return [...readGroups(message)]
}

/** Whether a message asks for anything, without reading more of it than needed. */
export function hasSmartCommits(message: string): boolean {
  return readGroups(message).next().done !== true
}

/** A message that asks for the same: one line for each group. Reading it gives the groups again. */
export function printSmartCommits(groups: readonly CommandGroup[]): string {
  return groups.map(({ keys, commands }) => [...keys, ...commands.map(printCommand)].join(' ')).join('\n')
}

/** One command of one issue. */
export interface CommandForIssue {
  readonly issue: IssueKey
  readonly command: SmartCommand
}

/**
 * Everything asked for, in the order in which it is done: a group after the other, in each every command for each of its
 * keys before the next command.
 *
 * @returns At most `MAX_COMMANDS_PER_COMMIT`, and how many more there were.
 */
export function listCommands(groups: readonly CommandGroup[]): {
  readonly commands: CommandForIssue[]
  readonly leftOut: number
} {
  const commands: CommandForIssue[] = []
  let total = 0
  for (const group of groups) {
    total += group.keys.length * group.commands.length
    for (const command of group.commands) {
      if (commands.length === MAX_COMMANDS_PER_COMMIT) break
      for (const issue of group.keys.slice(0, MAX_COMMANDS_PER_COMMIT - commands.length)) commands.push({ issue, command })
    }
  }
  return { commands, leftOut: total - commands.length }
}

function* readGroups(message: string): Generator<CommandGroup> {
  if (!MAY_HAVE_COMMAND.test(message)) return
  for (const line of message.split('\n')) {
    if (MAY_HAVE_COMMAND.test(line)) yield* readLine(line)
  }
}

function* readLine(line: string): Generator<CommandGroup> {
  const found = [...line.matchAll(KEY)].filter(([key]) => key.length <= MAX_KEY_LENGTH)
  let keys = new Set<IssueKey>()
  for (const [position, { 0: key, index }] of found.entries()) {
    keys.add(issueKey(key))
    const behind = line.slice(index + key.length, found[position + 1]?.index)
    if (position + 1 < found.length && BETWEEN_KEYS.test(behind)) continue
    const commands = readCommands(behind)
    if (commands.length > 0) yield { keys: [...keys], commands }
    keys = new Set()
  }
}

function readCommands(text: string): SmartCommand[] {
  const found = [...text.matchAll(COMMAND)]
  return found.map(({ 0: written, 1: word = '', index }, position) =>
    toCommand(word, trimBlanks(text.slice(index + written.length, found[position + 1]?.index))),
  )
}

function toCommand(word: string, text: string): SmartCommand {
  const name = word.toLowerCase()
  if (name === 'comment') return { name, text }
  if (name !== 'time') return { name: 'transition', transition: word, text }
  const read = readWorkTime(text)
  return read.kind === 'found' ? { name, time: read.time, text: read.text } : { name, time: null, text }
}

function printCommand(command: SmartCommand): string {
  const word = `#${command.name === 'transition' ? command.transition : command.name}`
  const time = command.name === 'time' && command.time !== null ? ` ${command.time}` : ''
  if (command.text === '') return word + time
  // After a blank it would be a command of its own.
  if (MAY_HAVE_COMMAND.test(command.text.slice(0, 2))) return word + command.text + time
  return `${word}${time} ${command.text}`
}

function trimBlanks(text: string): string {
  return text.replaceAll(OUTER_BLANKS, '')
}
