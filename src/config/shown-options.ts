import type { GivenOptions } from './gather.ts'
import type { OptionTable } from './option.ts'
import type { RawValue } from './raw-value.ts'

/** An option as an administrator may see it. */
export interface ShownOption {
  readonly name: string
  /** As it is written in the file, or as its default would be; null: absent. */
  readonly value: string | readonly string[] | null
  /** The file or the environment sets it. */
  readonly isDeclared: boolean
  /** Markdown. */
  readonly description: string
}

/** The options of a table that are no secrets, as they were given, `${NAME}` not replaced: a variable may hold one. */
export function showOptions(table: OptionTable, given: GivenOptions): ShownOption[] {
  return Object.entries(table)
    .filter(([, { secret }]) => !secret)
    .map(([name, { default: byDefault, description }]) => {
      const value = given.get(name)?.direct?.value
      const isDeclared = value !== undefined
      return { name, isDeclared, description, value: isDeclared ? toShown(value) : byDefault }
    })
}

function toShown(value: RawValue): string | readonly string[] | null {
  switch (value.kind) {
    case 'scalar':
      return value.text
    case 'list':
      return value.items.map((item) => toText(item))
    case 'map':
      return [...value.entries].map(([key, entry]) => `${key}: ${toText(entry.value)}`)
    case 'null':
      return null
  }
}

function toText(value: RawValue): string {
  const shown = toShown(value)
  return typeof shown === 'string' ? shown : (shown?.join(', ') ?? '')
}
