import { MAX_MESSAGE_BYTES } from '../../domain/commit.ts'
import type { IssueKey } from '../../domain/ids.ts'
import { listCommands, parseSmartCommits, printSmartCommits, type CommandForIssue } from '../../domain/smart-commit.ts'
import { toStorableText } from '../../domain/storable-text.ts'

/** What a message commands, as it is kept: the rest of the message is not. */
export interface CommandLines {
  readonly lines: string
  readonly commands: readonly CommandForIssue[]
  /** Commands beyond the limit, which nobody executes. */
  readonly leftOut: number
}

/** null: it commands nothing. */
export function readCommandLines(message: string): CommandLines | null {
  const groups = parseSmartCommits(message)
  if (groups.length === 0) return null
  const lines = toStorableText(printSmartCommits(groups), { maxBytes: MAX_MESSAGE_BYTES })
  // Read again: what was cut off is not executed, and what is kept means the same later.
  const { commands, leftOut } = listCommands(parseSmartCommits(lines))
  return commands.length === 0 ? null : { lines, commands, leftOut }
}

/** The commands of lines that are kept. */
export function listKeptCommands(lines: string): readonly CommandForIssue[] {
  return listCommands(parseSmartCommits(lines)).commands
}

/** A command as people wrote it, in two parts, and for which issue. */
export function toNamedCommand({ issue: key, command }: CommandForIssue): { key: IssueKey; name: string; argument: string } {
  switch (command.name) {
    case 'comment':
      return { key, name: command.name, argument: command.text }
    case 'time':
      return { key, name: command.name, argument: [command.time, command.text].filter(Boolean).join(' ') }
    case 'transition':
      return { key, name: command.transition, argument: command.text }
  }
}
