import { resolve } from 'node:path'
import { ENVIRONMENT } from './config-error.ts'
import type { Given, GivenOption, GivenOptions } from './gather.ts'
import type { Loading } from './loading.ts'
import { FILE_SUFFIX, type AnyOption, type OptionTable, type ValuesOf } from './option.ts'
import { collectFlaws, invalid, type Flaw, type RawValue } from './raw-value.ts'
import { readSecretFile } from './read-file.ts'
import { substitute } from './substitute.ts'
import { path as pathType } from './value-types.ts'

/**
 * The values of all options of a table: given, else default. Options with problems are absent from the result; a missing
 * required option is for the caller to judge.
 */
export function resolveOptions<Table extends OptionTable>(
  table: Table,
  given: GivenOptions,
  loading: Loading,
): Partial<ValuesOf<Table>> {
  const values: Record<string, unknown> = {}
  for (const [path, option] of Object.entries(table)) {
    const source = given.get(path)
    const resolved = source === undefined ? defaultOf(option, loading) : resolveGiven(option, source, loading)
    if (resolved !== null) values[path] = resolved.value
  }
  // Each value was made by the type of its own path, which the compiler cannot follow through the loop.
  return values as Partial<ValuesOf<Table>>
}

type Resolved = { readonly value: unknown } | null

function defaultOf(option: AnyOption, { fileDir }: Loading): Resolved {
  if (option.required) return null
  if (option.default === null) return { value: null }
  return { value: option.type.parse(toRaw(option.default), { baseDir: fileDir }) }
}

function resolveGiven(option: AnyOption, { direct, secretFile }: GivenOption, loading: Loading): Resolved {
  const given = direct ?? secretFile
  if (given === undefined) return null
  const flaws: Flaw[] = []
  const resolved = collectFlaws(flaws, '', () => {
    if (direct !== undefined && secretFile !== undefined)
      throw invalid(direct.value, `excludes its twin with the suffix ${FILE_SUFFIX}: give one of them`)
    const baseDir = given.file === ENVIRONMENT ? loading.cwd : loading.fileDir
    const value = substituted(option, given, loading.env)
    return option.type.parse(given === direct ? value : secretIn(value, baseDir), { baseDir })
  })
  for (const { message, line, at } of flaws)
    loading.report({ file: given.file, line: line ?? given.line, key: `${given.key}${at}`, message })
  return resolved
}

function substituted(option: AnyOption, { value, file }: Given, env: NodeJS.ProcessEnv): RawValue {
  return file === ENVIRONMENT || !option.substitute ? value : substitute(value, env)
}

function secretIn(value: RawValue, baseDir: string): RawValue {
  const file = pathType.parse(value, { baseDir })
  const text = readSecretFile(resolve(baseDir, file), value)
  if (text === '') throw invalid(value, `names an empty file (${file})`)
  return { kind: 'scalar', text, line: value.line, literal: false }
}

function toRaw(value: string | readonly string[]): RawValue {
  if (typeof value === 'string') return { kind: 'scalar', text: value, line: null, literal: true }
  return { kind: 'list', line: null, items: value.map(toRaw) }
}
