import { sql } from 'kysely'
import type { AccountId, HostId } from '../../domain/ids.ts'
import type { Repository } from '../../domain/repository.ts'
import type { Reader } from '../database.ts'
import { jsonRows } from '../json-rows.ts'
import { REPOSITORY_COLUMNS, toRepository } from './repositories.ts'

interface HostRepository {
  readonly accountId: AccountId
  readonly hostId: HostId
}

/** Those of them that are stored, in no order. */
export async function listRepositoriesByHostIds(db: Reader, wanted: readonly HostRepository[]): Promise<Repository[]> {
  if (wanted.length === 0) return []
  const rows = jsonRows(
    db,
    { a: 'text', h: 'text' },
    wanted.map(({ accountId, hostId }) => ({ a: accountId, h: hostId })),
  )
  const stored = await db
    .selectFrom('repositories')
    .select(REPOSITORY_COLUMNS)
    .where(sql<boolean>`(account_id, host_id) in (select r.a, r.h from ${rows} as r)`)
    .execute()
  return stored.map(toRepository)
}
