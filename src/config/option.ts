import type { ValueType } from './value-types.ts'

/** One line of the option table. `T` is what the loader gives, absence included. */
export interface Option<T> {
  readonly type: ValueType<T>
  /** As the file would say it; null: absent. */
  readonly default: string | readonly string[] | null
  /** Has no default: must be given wherever its section or account is. */
  readonly required: boolean
  /** May also come from the file that the key with the suffix `File` names; never shown. */
  readonly secret: boolean
  /** `${NAME}` stands for an environment variable. */
  readonly substitute: boolean
  /** For the documentation: one or two sentences, Markdown. */
  readonly description: string
}

/** The part of an option that does not depend on its type. */
export type AnyOption = Option<unknown>
export type OptionTable = Readonly<Record<string, AnyOption>>
/** What a table gives, by path. */
export type ValuesOf<Table extends OptionTable> = { [Path in keyof Table]: Table[Path] extends Option<infer T> ? T : never }

interface Details {
  readonly description: string
  readonly secret?: boolean
  readonly substitute?: boolean
}

export function required<T>(type: ValueType<T>, details: Details): Option<T> {
  return { type, default: null, required: true, secret: false, substitute: true, ...details }
}

export function optional<T>(type: ValueType<T>, details: Details): Option<T | null> {
  return { type, default: null, required: false, secret: false, substitute: true, ...details }
}

export function withDefault<T>(type: ValueType<T>, value: string | readonly string[], details: Details): Option<T> {
  return { type, default: value, required: false, secret: false, substitute: true, ...details }
}

/** Suffix of the key that names a file holding the secret. */
export const FILE_SUFFIX = 'File'
const VARIABLE_PREFIX = 'CONNECTOR_'

/** `CONNECTOR_SERVER_ADMIN_TOKEN` of `server.adminToken`. */
export function variableOf(path: string): string {
  return `${VARIABLE_PREFIX}${path
    .replaceAll('.', '_')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()}`
}

export function isOverride(variable: string): boolean {
  return variable.startsWith(VARIABLE_PREFIX)
}
