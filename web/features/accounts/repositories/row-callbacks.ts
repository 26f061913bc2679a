import type { RepositoryJson } from '../../../../src/contract/repository.ts'

/** The same functions for all rows and for as long as the table is there: rows are drawn again only when they change. */
export interface RowCallbacks {
  readonly select: (repository: RepositoryJson) => void
  readonly change: (repository: RepositoryJson, change: { linked?: boolean; smartCommits?: boolean }) => void
  readonly sync: (repository: RepositoryJson) => void
  readonly chooseSync: (repository: RepositoryJson) => void
  readonly cancel: (repository: RepositoryJson) => void
  readonly explainWebhook: (repository: RepositoryJson) => void
}
