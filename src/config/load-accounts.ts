import { checkAccount } from './check-options.ts'
import type { AccountConfig } from './config.ts'
import { gatherFromFile } from './gather.ts'
import type { Loading } from './loading.ts'
import type { ValuesOf } from './option.ts'
import { ACCOUNT_OPTIONS } from './options.ts'
import type { RawValue } from './raw-value.ts'
import { resolveOptions } from './resolve-options.ts'
import { toAccount } from './to-config.ts'

/** Line of each account's id, to name the first when a second one takes it. */
type Ids = Map<string, number | null>

/** The entries of `accounts`. With problems reported the result is incomplete and not to be used. */
export function loadAccounts(accounts: RawValue, loading: Loading): AccountConfig[] {
  if (accounts.kind === 'null') return []
  if (accounts.kind !== 'list') {
    const message = 'must be a list of accounts: each begins with "- "'
    loading.report({ file: loading.file, line: accounts.line, key: 'accounts', message })
    return []
  }
  const ids: Ids = new Map()
  return accounts.items.flatMap((item, index) => loadAccount(item, { at: `accounts[${index}]`, ids, loading }) ?? [])
}

interface AccountPlace {
  readonly at: string
  readonly ids: Ids
  readonly loading: Loading
}

function loadAccount(item: RawValue, { at, ids, loading }: AccountPlace): AccountConfig | null {
  const { file, report } = loading
  if (item.kind !== 'map') {
    report({ file, line: item.line, key: at, message: 'must be a map of options' })
    return null
  }
  const given = gatherFromFile(item, ACCOUNT_OPTIONS, { loading, at: `${at}.` })
  const values = resolveOptions(ACCOUNT_OPTIONS, given, loading)
  checkAccount({ values, given, loading, line: item.line, at: `${at}.` }, ACCOUNT_OPTIONS)
  if (values.id !== undefined) {
    const line = given.get('id')?.direct?.line ?? item.line
    const first = ids.get(values.id)
    if (first === undefined) ids.set(values.id, line)
    else report({ file, line, key: `${at}.id`, message: `is the id of another account already, in line ${first ?? 1}` })
  }
  // What is absent was reported, so that nobody gets to use the account.
  return toAccount(values as ValuesOf<typeof ACCOUNT_OPTIONS>)
}
