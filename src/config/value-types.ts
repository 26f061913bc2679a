import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { formatDuration, parseDuration } from '../lib/duration.ts'
import { Secret } from '../lib/secret.ts'
import { formatSize, parseSize } from './size.ts'
import { collectFlaws, invalid, InvalidValue, type Flaw, type RawScalar, type RawValue } from './raw-value.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

export interface ParseContext {
  /** Folder against which relative paths are taken. */
  readonly baseDir: string
}

/** A type of values: the same definition parses, documents and describes them. */
export interface ValueType<T> {
  /** As the documentation names it. */
  readonly name: string
  /** Of a value written out; the schema's generator adds `${NAME}`. */
  readonly schema: JsonSchema
  /** False for lists and maps, which environment variables cannot hold. */
  readonly scalar: boolean
  /** @throws InvalidValue with every flaw. */
  parse(value: RawValue, context: ParseContext): T
}

function scalarType<T>(name: string, schema: JsonSchema, parse: (scalar: RawScalar, context: ParseContext) => T): ValueType<T> {
  return {
    name,
    schema,
    scalar: true,
    parse(value, context) {
      if (value.kind !== 'scalar') throw invalid(value, `must be one value, not a ${value.kind} (${name})`)
      return parse(value, context)
    },
  }
}

/** What was written, for the message; nothing when it came from a variable. */
function shown(scalar: RawScalar): string {
  return scalar.literal && scalar.text.length <= 40 ? `, not "${scalar.text}"` : ''
}

/** @param meaning What a text must be to match `pattern`, such as `letters and digits`. */
export function text(rule?: { readonly name: string; readonly pattern: RegExp; readonly meaning: string }): ValueType<string> {
  const schema = rule === undefined ? { type: 'string', minLength: 1 } : { type: 'string', pattern: rule.pattern.source }
  return scalarType(rule?.name ?? 'text', schema, (scalar) => {
    if (scalar.text === '') throw invalid(scalar, 'is empty')
    if (rule !== undefined && !rule.pattern.test(scalar.text)) throw invalid(scalar, `must be ${rule.meaning}${shown(scalar)}`)
    return scalar.text
  })
}

export function choice<const T extends string>(values: readonly T[], refusal = ''): ValueType<T> {
  return scalarType(values.map((value) => `\`${value}\``).join(', '), { enum: values }, (scalar) => {
    const found = values.find((value) => value === scalar.text)
    if (found !== undefined) return found
    throw invalid(scalar, `must be ${values.length > 1 ? 'one of ' : ''}${values.join(', ')}${shown(scalar)}${refusal}`)
  })
}

export const boolean: ValueType<boolean> = scalarType('`true`, `false`', { type: 'boolean' }, (scalar) => {
  if (scalar.text === 'true' || scalar.text === 'false') return scalar.text === 'true'
  throw invalid(scalar, `must be true or false${shown(scalar)}`)
})

export function integer({ min, max }: { readonly min: number; readonly max: number }): ValueType<number> {
  return scalarType(`whole number, ${min}–${max}`, { type: 'integer', minimum: min, maximum: max }, (scalar) => {
    const number = /^[0-9]{1,15}$/.test(scalar.text) ? Number(scalar.text) : Number.NaN
    if (number >= min && number <= max) return number
    throw invalid(scalar, `must be a whole number from ${min} to ${max}${shown(scalar)}`)
  })
}

/** Milliseconds. */
export function duration({ minMs, maxMs }: { readonly minMs: number; readonly maxMs: number }): ValueType<number> {
  const range = `${formatDuration(minMs)} to ${formatDuration(maxMs)}`
  return scalarType(`duration (${range})`, { type: 'string', pattern: '^[0-9]+[smhd]$' }, (scalar) => {
    const ms = parseDuration(scalar.text)
    if (ms === null) throw invalid(scalar, `must be a duration such as 60m, 12h or 14d${shown(scalar)}`)
    if (ms < minMs || ms > maxMs) throw invalid(scalar, `must be from ${range}${shown(scalar)}`)
    return ms
  })
}

/** Milliseconds; null for `off`. */
export function durationOrOff({ minMs, maxMs }: { readonly minMs: number; readonly maxMs: number }): ValueType<number | null> {
  const range = `${formatDuration(minMs)} to ${formatDuration(maxMs)}`
  const schema = { type: 'string', pattern: '^([0-9]+[smhd]|off)$' }
  return scalarType(`duration (${range}) or \`off\``, schema, (scalar) => {
    if (scalar.text === 'off') return null
    const ms = parseDuration(scalar.text)
    if (ms === null) throw invalid(scalar, `must be a duration such as 90s, 60m, 12h or 14d, or off${shown(scalar)}`)
    if (ms < minMs || ms > maxMs) throw invalid(scalar, `must be from ${range}, or off${shown(scalar)}`)
    return ms
  })
}

/** Milliseconds; null for `off`. */
export function durationAutoOrOff(range: { readonly minMs: number; readonly maxMs: number }): ValueType<number | 'auto' | null> {
  const { name, parse } = durationOrOff(range)
  return scalarType(`\`auto\`, ${name}`, { type: 'string', pattern: '^([0-9]+[smhd]|auto|off)$' }, (scalar, context) =>
    scalar.text === 'auto' ? 'auto' : parse(scalar, context),
  )
}

/** Bytes. */
export function size({ minBytes }: { readonly minBytes: number }): ValueType<number> {
  const schema = { type: 'string', pattern: '^[0-9]+(B|KiB|MiB|GiB|TiB)$' }
  return scalarType('size (`512MiB`, `2GiB`)', schema, (scalar) => {
    const bytes = parseSize(scalar.text)
    if (bytes === null) throw invalid(scalar, `must be a size such as 512MiB or 2GiB${shown(scalar)}`)
    if (bytes < minBytes) throw invalid(scalar, `must be ${formatSize(minBytes)} or more${shown(scalar)}`)
    return bytes
  })
}

/** An http(s) address without a slash at its end. Never repeated in messages: it may hold what belongs elsewhere. */
export const httpUrl: ValueType<string> = scalarType('http(s) address', { type: 'string', pattern: '^https?://' }, (scalar) => {
  const url = parseUrl(scalar)
  if (url.username !== '' || url.password !== '')
    throw invalid(scalar, 'must not hold credentials (name:password@); they have keys of their own')
  if (url.search !== '' || url.hash !== '') throw invalid(scalar, 'must not hold a query or a fragment (?… or #…)')
  return url.href.replace(/\/+$/, '')
})

/** A proxy's address, which may hold credentials and is a secret therefore. `proxy:3128` is taken as `http://proxy:3128`. */
export const proxyUrl: ValueType<Secret> = scalarType('http(s) address', { type: 'string', minLength: 1 }, (scalar) => {
  const url = parseUrl(scalar.text.includes('://') ? scalar : { ...scalar, text: `http://${scalar.text}` })
  return new Secret(url.href)
})

function parseUrl(scalar: RawScalar): URL {
  const url = URL.parse(scalar.text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || !/^https?:\/\/[^\s\\]+$/i.test(scalar.text)) {
    throw invalid(scalar, 'must be an address that starts with https:// or http://')
  }
  return url
}

export interface ListenAddress {
  /** Name or IP address, IPv6 without brackets. */
  readonly host: string
  /** 0: any free one. */
  readonly port: number
}

export const listenAddress: ValueType<ListenAddress> = scalarType(
  'host:port',
  { type: 'string', pattern: ':[0-9]+$' },
  (scalar) => {
    const match = /^(?:\[([^\]]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})$/.exec(scalar.text)
    const host = match?.[1] ?? match?.[2]
    const port = Number(match?.[3])
    if (host === undefined || port > 65_535 || (match?.[1] !== undefined && isIP(host) !== 6)) {
      throw invalid(scalar, `must be host:port, such as 127.0.0.1:8090, 0.0.0.0:8090 or [::1]:8090${shown(scalar)}`)
    }
    return { host, port }
  },
)

/** Absolute path. */
export const path: ValueType<string> = scalarType('path', { type: 'string', minLength: 1 }, (scalar, { baseDir }) => {
  if (scalar.text === '') throw invalid(scalar, 'is empty')
  if (scalar.text.includes('\0')) throw invalid(scalar, 'must not hold NUL')
  return resolve(baseDir, scalar.text)
})

/** A template in which `${issueKey}` stands for the key and `${summary}` for the summary. */
export const branchTemplate: ValueType<string> = scalarType(
  'template',
  { type: 'string', pattern: '\\$\\{issueKey\\}' },
  (scalar) => {
    const unknown = scalar.text
      .matchAll(/\$\{([^}]*)\}?/g)
      .find((match) => match[0] !== '${issueKey}' && match[0] !== '${summary}')
    if (unknown !== undefined) throw invalid(scalar, 'knows the placeholders ${issueKey} and ${summary} only')
    if (!scalar.text.includes('${issueKey}')) throw invalid(scalar, 'must hold ${issueKey}, else its branches belong to no issue')
    return scalar.text
  },
)

/**
 * A secret.
 *
 * @param rule `header`: goes into an HTTP header, which takes visible ASCII only.
 */
export function secret(rule: { readonly minLength?: number; readonly header?: boolean } = {}): ValueType<Secret> {
  const minLength = rule.minLength ?? 1
  const allowed = rule.header === true ? /^[\x21-\x7e]*$/ : /^\P{Cc}*$/u
  return scalarType('secret', { type: 'string', minLength: 1 }, (scalar) => {
    if (scalar.text === '') throw invalid(scalar, 'is empty')
    if (scalar.text.length < minLength)
      throw invalid(scalar, `must have ${minLength} characters or more; "openssl rand -base64 32" makes a good one`)
    if (!allowed.test(scalar.text))
      throw invalid(
        scalar,
        `must not hold ${rule.header === true ? 'blanks, line ends or letters outside ASCII' : 'line ends or control characters'}`,
      )
    return new Secret(scalar.text)
  })
}

export type DatabaseChoice = { readonly kind: 'sqlite' } | { readonly kind: 'postgresql'; readonly url: Secret }

export const database: ValueType<DatabaseChoice> = scalarType(
  '`sqlite` or `postgres://…`',
  { type: 'string', pattern: '^(sqlite$|postgres(ql)?://)' },
  (scalar) => {
    if (scalar.text === 'sqlite') return { kind: 'sqlite' }
    const url = URL.parse(scalar.text)
    if (url === null || !/^postgres(ql)?:\/\/[^\s]+$/.test(scalar.text))
      throw invalid(scalar, 'must be sqlite or an address that starts with postgres://')
    return { kind: 'postgresql', url: new Secret(scalar.text) }
  },
)

/** A list without duplicates. */
export function listOf<T>(item: ValueType<T>): ValueType<readonly T[]> {
  return {
    name: `list: ${item.name}`,
    schema: { type: 'array', items: item.schema },
    scalar: false,
    parse(value, context) {
      if (value.kind !== 'list')
        throw invalid(value, `must be a list, such as [a, b], not ${value.kind === 'map' ? 'a map' : 'one value'}`)
      const flaws: Flaw[] = []
      const items = value.items.flatMap((raw, index) => collectFlaws(flaws, `[${index}]`, () => item.parse(raw, context)) ?? [])
      if (flaws.length > 0) throw new InvalidValue(flaws)
      return [...new Set(items.map((parsed) => parsed.value))]
    },
  }
}

/** One value for all, or a map by project key, where `*` means all others. */
export interface ByProject<T> {
  readonly others: T
  readonly projects: ReadonlyMap<string, T>
}

export function byProject<T>(item: ValueType<T>, others: T): ValueType<ByProject<T>> {
  return {
    name: `${item.name}; or a map of these by project key, \`"*"\` for all others`,
    schema: {
      anyOf: [
        item.schema,
        { type: 'object', propertyNames: { pattern: `^\\*$|${PROJECT_KEY.source}` }, additionalProperties: item.schema },
      ],
    },
    scalar: true,
    parse(value, context) {
      if (value.kind !== 'map') return { others: item.parse(value, context), projects: new Map() }
      const flaws: Flaw[] = []
      const parsed = new Map<string, T>()
      for (const [key, entry] of value.entries) {
        if (key === '*' || PROJECT_KEY.test(key)) {
          const result = collectFlaws(flaws, `.${key}`, () => item.parse(entry.value, context))
          if (result !== null) parsed.set(key, result.value)
        } else
          flaws.push({
            message: 'holds a key that is no project key in upper case, such as SHOP, and not "*"',
            line: entry.line,
            at: '',
          })
      }
      if (flaws.length > 0) throw new InvalidValue(flaws)
      const found = parsed.get('*')
      parsed.delete('*')
      return { others: found ?? others, projects: parsed }
    },
  }
}

const PROJECT_KEY = /^[A-Z][A-Z0-9_]+$/
export const projectKey: ValueType<string> = text({
  name: 'project key',
  pattern: PROJECT_KEY,
  meaning: 'a project key in upper case, such as SHOP',
})
