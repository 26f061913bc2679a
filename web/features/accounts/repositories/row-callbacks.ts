import type { RepositoryJson } from '../../../../src/contract/repository.ts'
import type { SyncMode } from './use-repository-actions.ts'

/** The same functions for all rows and for as long as the table is there: rows are drawn again only when they change. */
export interface RowCallbacks {
  readonly select: (repository: RepositoryJson) => void
  readonly change: (repository: RepositoryJson, change: { linked?: boolean; smartCommits?: boolean }) => void
  readonly sync: (repository: RepositoryJson) => void
  /** Asks which kind; `initial` is the one that is proposed, default: soft. */
  readonly chooseSync: (repository: RepositoryJson, initial?: SyncMode) => void
  readonly cancel: (repository: RepositoryJson) => void
  readonly explainWebhook: (repository: RepositoryJson) => void
}
