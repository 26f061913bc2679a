import type { AccountJson } from '../../../src/contract/account.ts'

type Place = Pick<AccountJson, 'url' | 'owner' | 'resolvedOwner'>

/** Where an account looks: `gitlab.com/acme`. */
export function describePlace(place: Place): string {
  return toPlaceAddress(place).replace(/^https?:\/\//, '')
}

/** The page of that place. */
export function toPlaceAddress({ url, ...place }: Place): string {
  const owner = findOwnerPath(place)
  return owner === null ? url : `${url}/${owner}`
}

/** The owner's path of today, which may be another than the one that was entered; null: all that the token reads. */
export function findOwnerPath({ owner, resolvedOwner }: Pick<AccountJson, 'owner' | 'resolvedOwner'>): string | null {
  return resolvedOwner?.path ?? owner
}

/** Said where the owner is entered; null: it is called so today. */
export function describeRename({ owner, resolvedOwner }: Pick<AccountJson, 'owner' | 'resolvedOwner'>): string | null {
  if (owner === null || resolvedOwner === null || resolvedOwner.path.toLowerCase() === owner.toLowerCase()) return null
  return `This ${resolvedOwner.kind} is called ${resolvedOwner.path} today, and is still the one that is read.`
}

export const WEBHOOK_LEVELS: Readonly<Record<AccountJson['webhook']['level'], string>> = {
  project: 'A webhook for each repository',
  group: 'One webhook of the group',
  system: 'One webhook of the whole installation',
  manual: 'Webhooks installed by hand',
  off: 'Webhooks off',
}

export const WEBHOOK_MODES: readonly { readonly value: AccountJson['webhooks']; readonly label: string }[] = [
  { value: 'auto', label: 'Automatic: what the token may set up' },
  { value: 'group', label: 'One webhook of the group' },
  { value: 'project', label: 'A webhook for each repository' },
  { value: 'system', label: 'One system hook of the whole installation' },
  { value: 'manual', label: 'Installed by hand' },
  { value: 'off', label: 'Off: the connector asks regularly' },
]

const CALLERS: Readonly<Record<string, string>> = {
  token: 'An API token',
  local: 'A command on the connector’s machine',
  connector: 'The connector',
  file: 'The configuration file',
  'the API token of the configuration': 'The API token of the configuration',
}

/** Who created or changed an account last. */
export function describeCaller({ configuredBy, managedBy }: Pick<AccountJson, 'configuredBy' | 'managedBy'>): string {
  if (managedBy === 'file') return 'The configuration file'
  if (configuredBy === null) return 'Not recorded'
  return CALLERS[configuredBy] ?? configuredBy
}

/** Where to change what the configuration file declares. */
export function describeFilePlace(id: string): string {
  return `Change it in the connector’s configuration file, under “accounts”, id “${id}”, and restart the connector.`
}

export function describeCounts({ total, linked, failing, running, queued, paused }: AccountJson['repositories']): string {
  const parts = [`${number(linked)} of ${number(total)} linked`]
  if (running > 0) parts.push(`${number(running)} syncing`)
  if (queued > 0) parts.push(`${number(queued)} queued`)
  if (paused > 0) parts.push(`${number(paused)} paused`)
  if (failing > 0) parts.push(`${number(failing)} failing`)
  return parts.join(', ')
}

const number = (count: number) => count.toLocaleString('en')
