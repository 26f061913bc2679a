import { ENVIRONMENT, type ConfigProblem } from './config-error.ts'
import type { Loading } from './loading.ts'
import { FILE_SUFFIX, isOverride, variableOf, type OptionTable } from './option.ts'
import type { RawMap, RawValue } from './raw-value.ts'
import { findSimilar } from './suggestion.ts'

/** A value that somebody gave for an option, and where. */
export interface Given {
  readonly value: RawValue
  /** `environment` or the configuration file. */
  readonly file: string
  readonly line: number | null
  /** As the reader wrote it: a path in the file or a variable. */
  readonly key: string
}

/** What was given for one option: its value, the file that holds it, or wrongly both. */
export interface GivenOption {
  readonly direct?: Given
  readonly secretFile?: Given
}

export type GivenOptions = Map<string, GivenOption>

/** Where in the file the options of a table are looked for. */
export interface Place {
  readonly loading: Loading
  /** Prefix of the keys in messages, such as `accounts[0].`. */
  readonly at: string
  /** Keys at the top that are read elsewhere, for suggestions. */
  readonly neighbours?: readonly string[]
}

/** Finds the options of a table in a map of the file; everything else in it is a problem. */
export function gatherFromFile(map: RawMap, table: OptionTable, { loading, at, neighbours = [] }: Place): GivenOptions {
  const given: GivenOptions = new Map()
  const { file, report } = loading
  const names = namesOf(table)
  const visit = (section: RawMap, prefix: string): void => {
    for (const [name, { line, value }] of section.entries) {
      const path = `${prefix}${name}`
      const key = `${at}${path}`
      const option = isName(name) ? names.get(path) : undefined
      if (option !== undefined) {
        if (value.kind !== 'null') add(given, option, { value, file, line, key })
      } else if (isName(name) && isSection(path, table)) {
        if (value.kind === 'map') visit(value, `${path}.`)
        else if (value.kind !== 'null') report({ file, line, key, message: 'must be a map of options' })
      } else {
        report({ file, line, ...unknownKey({ name, prefix, at }, [...names.keys(), ...neighbours]) })
      }
    }
  }
  visit(map, '')
  return given
}

/**
 * Lets the environment's `CONNECTOR_…` variables override what the file says. Empty ones do not count, nor do those that
 * the file refers to, nor what Kubernetes sets in every container beside a service called "connector".
 */
export function gatherFromEnvironment(
  given: GivenOptions,
  table: OptionTable,
  { loading, referenced }: { readonly loading: Loading; readonly referenced: ReadonlySet<string> },
): void {
  const { env, report } = loading
  const options = new Map([...namesOf(table)].map(([path, option]) => [variableOf(path), option]))
  const overridden: GivenOptions = new Map()
  for (const [variable, text] of Object.entries(env)) {
    if (!isOverride(variable) || text === undefined || text === '') continue
    const found = options.get(variable)
    const problem = (message: string) => report({ file: ENVIRONMENT, line: null, key: variable, message })
    if (found === undefined) {
      if (!referenced.has(variable) && !KUBERNETES_SERVICE.test(variable)) problem(unknownVariable(variable, options.keys()))
    } else if (table[found.path]?.type.scalar === false) {
      problem(`stands for the list ${found.path}, which only the configuration file can hold`)
    } else {
      const value = { kind: 'scalar', text, line: null, literal: false } as const
      add(overridden, found, { value, file: ENVIRONMENT, line: null, key: variable })
    }
  }
  for (const [path, option] of overridden) given.set(path, option)
}

const KUBERNETES_SERVICE = /^CONNECTOR_(SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/

interface OptionName {
  readonly path: string
  readonly secretFile: boolean
}

/** All names under which options can be given: their paths, and those of secrets with the suffix. */
function namesOf(table: OptionTable): ReadonlyMap<string, OptionName> {
  const names = new Map<string, OptionName>()
  for (const [path, option] of Object.entries(table)) {
    names.set(path, { path, secretFile: false })
    if (option.secret) names.set(`${path}${FILE_SUFFIX}`, { path, secretFile: true })
  }
  return names
}

function add(options: GivenOptions, { path, secretFile }: OptionName, given: Given): void {
  options.set(path, { ...options.get(path), [secretFile ? 'secretFile' : 'direct']: given })
}

const isName = (name: string) => /^[A-Za-z][A-Za-z0-9_-]*$/.test(name)
const isSection = (path: string, table: OptionTable) => Object.keys(table).some((known) => known.startsWith(`${path}.`))

interface WrittenKey {
  readonly name: string
  readonly prefix: string
  readonly at: string
}

function unknownKey({ name, prefix, at }: WrittenKey, paths: readonly string[]): Pick<ConfigProblem, 'key' | 'message'> {
  // A missing blank makes "token:abc" a key: what is no name is not repeated, it may be a secret.
  if (!isName(name))
    return {
      key: `${at}${prefix}`.replace(/\.$/, ''),
      message: 'holds a key that is no name; a blank after a ":" may be missing',
    }
  const siblings = paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length).split('.', 1).join())
  const elsewhere = paths.find((path) => path.split('.').at(-1) === name)
  const meant = findSimilar(name, siblings) ?? elsewhere ?? null
  return { key: `${at}${prefix}${name}`, message: `is no option${meant === null ? '' : `; did you mean "${meant}"?`}` }
}

function unknownVariable(variable: string, known: Iterable<string>): string {
  if (variable.startsWith('CONNECTOR_ACCOUNT'))
    return 'is no option: accounts come from the configuration file, whose values may be ${NAME}'
  const names = [...known]
  const meant = names.find((name) => name.endsWith(variable.replace(/^CONNECTOR/, ''))) ?? findSimilar(variable, names)
  return `is no option${meant === null ? '' : `; did you mean ${meant}?`}`
}
