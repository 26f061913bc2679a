import { gatherFromFile, type GivenOptions } from './gather.ts'
import type { Loading } from './loading.ts'
import type { OptionTable } from './option.ts'
import { ACCOUNT_OPTIONS, OPTIONS } from './options.ts'
import type { RawMap, RawValue } from './raw-value.ts'
import { readYaml } from './read-yaml.ts'

/**
 * Keys of the secrets that stand in the text of a configuration file itself, not in variables or files of their own.
 *
 * @param text of a file that `loadConfig` has accepted
 */
export function listWrittenSecrets(text: string): string[] {
  const root = readYaml(text)
  const entries = new Map(root.entries)
  const accounts = entries.get('accounts')?.value
  entries.delete('accounts')
  const found = listWritten({ ...root, entries }, OPTIONS, '')
  const items = accounts?.kind === 'list' ? accounts.items : []
  return [
    ...found,
    ...items.flatMap((item, index) => (item.kind === 'map' ? listWritten(item, ACCOUNT_OPTIONS, `accounts[${index}].`) : [])),
  ]
}

/** What is wrong with the file was told when it was loaded. */
const LOADING: Loading = { file: '', env: {}, fileDir: '', cwd: '', report: () => undefined }

function listWritten(map: RawMap, table: OptionTable, at: string): string[] {
  const given: GivenOptions = gatherFromFile(map, table, { loading: LOADING, at })
  return [...given].flatMap(([path, { direct }]) => {
    const option = table[path]
    return option?.secret === true && direct !== undefined && isWritten(direct.value, option.default) ? [`${at}${path}`] : []
  })
}

function isWritten(value: RawValue, byDefault: unknown): boolean {
  if (value.kind === 'null') return false
  if (value.kind !== 'scalar') return true
  return value.text !== byDefault && value.text.replaceAll(/\$\{[^}]*\}/g, '') !== ''
}
