/** What a `#command` names among the transitions that are valid now. */
export type TransitionMatch<T> =
  | { readonly kind: 'found'; readonly transition: T }
  | { readonly kind: 'none' }
  | { readonly kind: 'ambiguous'; readonly among: readonly T[] }

/**
 * Finds the transition that a command names, in any letter case. The first of these that any name fits decides, and it must
 * be one alone, for two transitions may have one name: the name is the command as it is typed; it begins so; it is the
 * command with its hyphens read as blanks, because a command cannot hold blanks; it begins so; the same with the hyphens of
 * the name read as blanks too.
 *
 * @param command The word after `#`, such as `start-progress`.
 * @param transitions Those that are valid for the issue and the person now.
 */
export function matchTransition<T extends { readonly name: string }>(
  command: string,
  transitions: readonly T[],
): TransitionMatch<T> {
  const typed = command.toLowerCase()
  const spaced = toSpaced(typed)
  const readings: readonly ((name: string) => boolean)[] = [
    (name) => name === typed,
    (name) => name.startsWith(typed),
    (name) => name === spaced,
    (name) => name.startsWith(spaced),
    (name) => toSpaced(name) === spaced,
    (name) => toSpaced(name).startsWith(spaced),
  ]
  for (const fits of readings) {
    const among = transitions.filter(({ name }) => fits(nameOf(name)))
    const [only] = among
    if (only !== undefined) return among.length === 1 ? { kind: 'found', transition: only } : { kind: 'ambiguous', among }
  }
  return { kind: 'none' }
}

/** Names are set by administrators of Jira: what is longer than this is not written in a commit. */
const LONGEST_COMMAND = 100
/** Commands of their own. */
const TAKEN = ['comment', 'time']

/**
 * How a transition is written in a commit: as much of its name as a command can hold and as is needed to mean it alone.
 *
 * @param transitions Those among which the command is looked up, this one included.
 * @returns Null: no command means this one.
 */
export function transitionCommand<T extends { readonly name: string }>(transition: T, transitions: readonly T[]): string | null {
  const written = nameOf(transition.name).slice(0, LONGEST_COMMAND).replaceAll(' ', '-')
  let command = /^[a-z][a-z-]*/.exec(written)?.[0].replace(/-+$/, '') ?? ''
  while (command !== '') {
    const match = TAKEN.includes(command) ? null : matchTransition(command, transitions)
    if (match?.kind === 'found' && match.transition === transition) return command
    command = command.slice(0, Math.max(0, command.lastIndexOf('-'))).replace(/-+$/, '')
  }
  return null
}

function toSpaced(text: string): string {
  return text.replaceAll('-', ' ')
}

function nameOf(name: string): string {
  return name.trim().toLowerCase()
}
