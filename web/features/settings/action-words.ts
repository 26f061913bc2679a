/** `createAccount` as `create account`. */
export function toWords(action: string): string {
  return action.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, ' ').toLowerCase()
}

/** `{ scope: 'read', expiresAt: null }` as `scope: read, expires at: none`; names inside keep their letters, as project keys do. */
export function toDetails(details: Readonly<Record<string, unknown>>): string {
  return Object.entries(details)
    .map(([name, value]) => `${toWords(name)}: ${toText(value)}`)
    .join(', ')
}

function toText(value: unknown): string {
  if (value === null) return 'none'
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(toText).join(', ')
  if (typeof value === 'string') return value
  if (typeof value !== 'object') return JSON.stringify(value)
  const parts = Object.entries(value).map(([name, inner]) => `${name} ${toText(inner)}`)
  return parts.length === 0 ? 'none' : parts.join(', ')
}
