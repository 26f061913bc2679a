import type { IssueKey } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { Tx } from '../database.ts'
import { insertRows } from '../insert-rows.ts'
import type { InformationWriteKind, JiraWritesTable } from '../schema.ts'

export type JiraWriteKind = JiraWritesTable['kind']

export const INFORMATION_KINDS: readonly InformationWriteKind[] = ['property', 'link', 'property-deletion', 'link-deletion']

/** It can be repeated at any time; a comment would be there twice. */
export const isInformation = (kind: JiraWriteKind): kind is InformationWriteKind =>
  INFORMATION_KINDS.some((known) => known === kind)

/** One request that changed, or was to change, something in Jira. */
export interface JiraWrite {
  /** null: it is about no issue. */
  readonly key: IssueKey | null
  /** Numeric id of the issue in Jira. */
  readonly jiraId: string | null
  readonly kind: JiraWriteKind
  /** In ms since 1970. */
  readonly writtenAt: number
  readonly ms: number
  readonly outcome: 'done' | 'failed'
  readonly status: number | null
  readonly error: Problem | null
  readonly bytes: number | null
  readonly contentHash: string | null
  /** The synchronisation whose change caused it. */
  readonly syncId: number | null
}

export async function saveJiraWrites(tx: Tx, writes: readonly JiraWrite[]): Promise<void> {
  await insertRows(tx, {
    table: 'jira_writes',
    columns: {
      issue_key: 'text',
      jira_id: 'text',
      kind: 'text',
      written_at: 'bigint',
      ms: 'bigint',
      outcome: 'text',
      status: 'bigint',
      error: 'text',
      bytes: 'bigint',
      content_hash: 'text',
      sync_id: 'bigint',
    },
    values: writes.flatMap((write) => [
      write.key ?? '',
      write.jiraId ?? '',
      write.kind,
      write.writtenAt,
      Math.round(write.ms),
      write.outcome,
      write.status,
      write.error === null ? null : JSON.stringify(write.error),
      write.bytes,
      write.contentHash,
      write.syncId,
    ]),
    onConflict: '',
  })
}

/** Deletes writes of before a time in ms, looking at the `limit` oldest; returns how many. Ids rise with time. */
export async function pruneJiraWrites(tx: Tx, { before, limit }: { before: number; limit: number }): Promise<number> {
  const oldest = await tx.selectFrom('jira_writes').select(['id', 'written_at']).orderBy('id').limit(limit).execute()
  const lastId = Math.max(0, ...oldest.filter((row) => row.written_at < before).map((row) => row.id))
  const deleted = await tx.deleteFrom('jira_writes').where('id', '<=', lastId).where('written_at', '<', before).executeTakeFirst()
  return Number(deleted.numDeletedRows)
}
