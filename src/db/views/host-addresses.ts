import type { Reader } from '../database.ts'

/**
 * Addresses at which people find the hosts of the accounts: the account's own, and the one before the path in the addresses of
 * most of its linked repositories, which the host tells and which is another one where the connector asks at an inner address.
 * At most two for an account, whatever a host tells.
 */
export async function listHostAddresses(db: Reader): Promise<string[]> {
  const [accounts, repositories] = await Promise.all([
    db.selectFrom('accounts').select('url').execute(),
    db.selectFrom('repositories').select(['account_id', 'path', 'web_url']).where('linked', '=', 1).execute(),
  ])
  const told = new Map<string, Map<string, number>>()
  for (const { account_id: account, path, web_url: address } of repositories) {
    const end = `/${path}`
    if (!address.endsWith(end)) continue
    const counts = told.get(account) ?? new Map<string, number>()
    const base = address.slice(0, -end.length)
    counts.set(base, (counts.get(base) ?? 0) + 1)
    told.set(account, counts)
  }
  return [...accounts.map(({ url }) => url), ...[...told.values()].map(mostFrequent)]
}

function mostFrequent(counts: ReadonlyMap<string, number>): string {
  const [first = ['', 0]] = [...counts].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  return first[0]
}
