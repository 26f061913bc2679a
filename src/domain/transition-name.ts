/** What a `#command` names among the transitions that are valid now. */
export type TransitionMatch<T> =
  | { readonly kind: 'found'; readonly transition: T }
  | { readonly kind: 'none' }
  | { readonly kind: 'ambiguous'; readonly among: readonly T[] }

/**
 * Finds the transition that a command names, in any letter case: the one called exactly so; else the only one whose name
 * begins so; else the only one whose name begins so when hyphens are read as blanks, because a command cannot hold blanks.
 *
 * @param command The word after `#`, such as `start-progress`.
 * @param transitions Those that are valid for the issue and the person now.
 */
export function matchTransition<T extends { readonly name: string }>(
  command: string,
  transitions: readonly T[],
): TransitionMatch<T> {
  const wanted = command.toLowerCase()
  const equal = transitions.find(({ name }) => nameOf(name) === wanted)
  if (equal !== undefined) return { kind: 'found', transition: equal }
  const typed = transitions.filter(({ name }) => nameOf(name).startsWith(wanted))
  const spaced = wanted.replaceAll('-', ' ')
  const among = typed.length > 0 ? typed : transitions.filter(({ name }) => nameOf(name).startsWith(spaced))
  const [only] = among
  if (only === undefined) return { kind: 'none' }
  return among.length === 1 ? { kind: 'found', transition: only } : { kind: 'ambiguous', among }
}

/** How a transition is written in a commit: as much of its name as a command can hold. Null: it begins with no letter. */
export function transitionCommand(name: string): string | null {
  return /^[a-z][a-z-]*/.exec(nameOf(name).replaceAll(' ', '-'))?.[0] ?? null
}

function nameOf(name: string): string {
  return name.trim().toLowerCase()
}
