import { InvalidValue, type Flaw, type RawScalar, type RawValue } from './raw-value.ts'

// `$${` first, so that it is never read as a `$` before `${`.
const PLACEHOLDER = /\$\$\{|\$\{([^}]*)\}?/g
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/**
 * Replaces `${NAME}` by the environment variable and `$${` by `${`, in every text of a value. Once: what a variable holds
 * is not looked at again.
 *
 * @throws InvalidValue naming the variables that are not set; never a value.
 */
export function substitute(value: RawValue, env: NodeJS.ProcessEnv): RawValue {
  const flaws: Flaw[] = []
  const visit = (raw: RawValue, at: string): RawValue => {
    if (raw.kind === 'scalar') return substituteScalar(raw, env, (message) => flaws.push({ message, line: raw.line, at }))
    if (raw.kind === 'list') return { ...raw, items: raw.items.map((item, index) => visit(item, `${at}[${index}]`)) }
    if (raw.kind === 'null') return raw
    const entries = [...raw.entries].map(([key, entry]) => [key, { ...entry, value: visit(entry.value, at) }] as const)
    return { ...raw, entries: new Map(entries) }
  }
  const result = visit(value, '')
  if (flaws.length > 0) throw new InvalidValue(flaws)
  return result
}

function substituteScalar(scalar: RawScalar, env: NodeJS.ProcessEnv, report: (message: string) => void): RawScalar {
  if (!scalar.text.includes('${')) return scalar
  const text = scalar.text.replaceAll(PLACEHOLDER, (match, name: string | undefined) => {
    if (name === undefined) return '${'
    if (!match.endsWith('}') || !VARIABLE_NAME.test(name)) {
      report('holds "${" that begins no ${NAME} of letters, digits and underscores; write "$${" for the characters themselves')
      return ''
    }
    const found = env[name]
    if (found === undefined) report(`uses the environment variable ${name}, which is not set`)
    return found ?? ''
  })
  return { ...scalar, text, literal: false }
}

/** Names of all variables that a value refers to. */
export function variablesIn(value: RawValue): ReadonlySet<string> {
  const names = new Set<string>()
  const visit = (raw: RawValue): void => {
    if (raw.kind === 'scalar') for (const match of raw.text.matchAll(PLACEHOLDER)) if (match[1] !== undefined) names.add(match[1])
    if (raw.kind === 'list') raw.items.forEach(visit)
    if (raw.kind === 'map') for (const entry of raw.entries.values()) visit(entry.value)
  }
  visit(value)
  return names
}
