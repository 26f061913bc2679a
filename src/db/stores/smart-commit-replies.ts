import type { RepositoryId } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { Reader, Tx } from '../database.ts'

/*
 * What authors are told on the host: waiting → posting, stored before the host is asked → posted or failed. What is found
 * posting was broken off, and may be there: it fails, because nobody is to be told twice.
 */

/** The oldest smart commit of a repository whose author is to be told; null: none is. */
export async function findNextReply(db: Reader, repositoryId: RepositoryId): Promise<string | null> {
  const row = await db
    .selectFrom('smart_commits')
    .select('id')
    .where('repository_id', '=', Number(repositoryId))
    .where('reply_state', '=', 'waiting')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : String(row.id)
}

export async function beginReply(tx: Tx, id: string): Promise<void> {
  await tx.updateTable('smart_commits').set({ reply_state: 'posting' }).where('id', '=', Number(id)).execute()
}

/** @param problem null: it is there */
export async function endReply(tx: Tx, id: string, problem: Problem | null): Promise<void> {
  await tx
    .updateTable('smart_commits')
    .set(
      problem === null
        ? { reply_state: 'posted', reply_problem: null }
        : { reply_state: 'failed', reply_problem: JSON.stringify(problem) },
    )
    .where('id', '=', Number(id))
    .execute()
}

export async function failBrokenOffReplies(tx: Tx, repositoryId: RepositoryId, problem: Problem): Promise<void> {
  await tx
    .updateTable('smart_commits')
    .set({ reply_state: 'failed', reply_problem: JSON.stringify(problem) })
    .where('repository_id', '=', Number(repositoryId))
    .where('reply_state', '=', 'posting')
    .execute()
}
