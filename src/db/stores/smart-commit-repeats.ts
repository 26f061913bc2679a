import type { RepositoryId } from '../../domain/ids.ts'
import type { SmartCommitAction } from '../../domain/smart-commit-record.ts'
import type { Reader } from '../database.ts'

export interface KnownCommands {
  /** The one that may repeat them. */
  readonly commitId: string
  readonly repositoryId: RepositoryId
  readonly commands: readonly Pick<SmartCommitAction, 'key' | 'name' | 'argument'>[]
  /** In ms: how long ago a first import, which stores no commands, may have met them. */
  readonly historySince: number
}

/** Whether any of these commands was met in another commit, of any repository, or may have been where none is recorded. */
export async function mayBeRepeated(db: Reader, known: KnownCommands): Promise<boolean> {
  for (const { key, name, argument } of known.commands) {
    const row = await db
      .selectFrom('smart_commit_actions')
      .select('id')
      .where('issue_key', '=', key)
      .where('name', '=', name)
      .where('argument', '=', argument)
      .where('smart_commit_id', '<>', Number(known.commitId))
      .limit(1)
      .executeTakeFirst()
    if (row !== undefined) return true
  }
  const history = await db
    .selectFrom('smart_commit_fingerprints')
    .select('sha')
    .where('repository_id', '=', Number(known.repositoryId))
    .where('history', '=', 1)
    .where('claimed_at', '>=', known.historySince)
    .limit(1)
    .executeTakeFirst()
  return history !== undefined
}
