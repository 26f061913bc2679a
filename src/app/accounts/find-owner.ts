import type { Account, ResolvedOwner } from '../../domain/account.ts'
import { setResolvedOwner } from '../../db/stores/accounts.ts'
import type { HostConnection, HostOwner } from '../../hosts/types.ts'
import type { AppContext } from '../app-context.ts'

/**
 * The owner of an account as it is at the host today. Its path is looked up once; from then on it is asked
 * for by its id, in one request: it may be renamed, and whoever takes its old path is a stranger.
 *
 * @throws ConnectorError `not-found` when the path leads nowhere, `owner-gone` when the id does, and those of the connection
 */
export async function findOwner(
  app: Pick<AppContext, 'db' | 'log'>,
  { account, connection }: { readonly account: Account; readonly connection: Pick<HostConnection, 'getOwner'> },
  signal: AbortSignal,
): Promise<HostOwner> {
  const { resolvedOwner: known } = account
  const owner = await connection.getOwner(known, signal)
  const today = toResolvedOwner(owner)
  if (today === null || today.path === known?.path) return owner
  await app.db.write('background', (tx) => setResolvedOwner(tx, account, today))
  if (known !== null) app.log.info({ account: account.id, from: known.path, to: today.path }, 'owner of the account was renamed')
  return owner
}

/** What is remembered of an owner; null for all that the token reads. */
export function toResolvedOwner({ kind, hostId, name }: HostOwner): ResolvedOwner | null {
  return kind === 'all' || hostId === null ? null : { kind, hostId, path: name }
}
