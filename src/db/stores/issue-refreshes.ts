import type { IssueKey } from '../../domain/ids.ts'
import type { Tx } from '../database.ts'

/** Remembers that an issue is looked at again now; false: it was a moment ago, or nothing is stored of it. */
export async function takeRefresh(
  tx: Tx,
  keys: readonly IssueKey[],
  { now, atMostEveryMs }: { now: number; atMostEveryMs: number },
): Promise<boolean> {
  const last = await tx
    .selectFrom('issues')
    .select((e) => e.fn.max<number | null>('refreshed_at').as('at'))
    .where('issue_key', 'in', keys)
    .executeTakeFirst()
  if (last?.at !== undefined && last.at !== null && last.at > now - atMostEveryMs) return false
  const rows = await tx
    .updateTable('issues')
    .set({ refreshed_at: now })
    .where('issue_key', 'in', keys)
    .where((e) => e.or([e('refreshed_at', 'is', null), e('refreshed_at', '<=', now - atMostEveryMs)]))
    .returning('issue_key')
    .execute()
  return rows.length > 0
}
