import type { ManualMark } from '../../domain/development-information.ts'
import type { PullRequestStatus, Reviewer } from '../../domain/pull-request.ts'
import type { Reader } from '../database.ts'
import { isPast, noiseOf, toShown, visible, type DevelopmentPosition, type MaybeHidden, type Scope } from './development-scope.ts'

export interface StoredPullRequestRow extends MaybeHidden {
  readonly repositoryId: number
  /** Our id: breaks the tie between changes of the same time. */
  readonly id: number
  readonly number: number
  readonly title: string
  readonly status: PullRequestStatus
  readonly draft: boolean
  readonly sourceBranch: string
  readonly targetBranch: string
  readonly url: string
  readonly authorName: string
  readonly authorEmail: string | null
  readonly reviewers: readonly Reviewer[]
  readonly commentCount: number
  readonly updatedAt: number
  readonly linkedBy: ManualMark | null
}

export interface PullRequestCounts {
  readonly open: number
  readonly merged: number
  readonly declined: number
  readonly hidden: number
}

export const pullRequestPosition = (row: { readonly updatedAt: number; readonly id: number }): DevelopmentPosition => [
  row.updatedAt,
  row.id,
]

type PullRequestMark = Awaited<ReturnType<typeof readMarks>>[number]

/** Those of an issue, newest first, and how many there are in all. */
export async function readPullRequests(
  db: Reader,
  scope: Scope,
): Promise<{ rows: StoredPullRequestRow[]; counts: PullRequestCounts }> {
  const marks = await readMarks(db, scope)
  const counted = (status: PullRequestStatus) => marks.filter((mark) => !mark.hidden && mark.status === status).length
  const wanted = toShown(marks, scope)
    .filter((mark) => isPast(scope, pullRequestPosition(mark)))
    .slice(0, scope.limit)
  return {
    rows: await readRows(db, scope, wanted),
    counts: {
      open: counted('OPEN'),
      merged: counted('MERGED'),
      declined: counted('DECLINED'),
      hidden: marks.filter(({ hidden }) => hidden).length,
    },
  }
}

async function readMarks(db: Reader, scope: Scope) {
  const noise = noiseOf(scope)
  const { linked, unlinked } = scope.manual.pullRequests
  const rows = await db
    .selectFrom('pull_requests as p')
    .select(['p.id', 'p.status', 'p.author_name', 'p.author_email', 'p.source_branch', 'p.updated_at'])
    .where((e) =>
      e.or([
        e('p.id', 'in', (keyed) =>
          keyed.selectFrom('pull_request_keys').select('pull_request_id').where('issue_key', 'in', scope.keys),
        ),
        ...(linked.size === 0 ? [] : [e('p.id', 'in', [...linked.keys()])]),
      ]),
    )
    .where('p.repository_id', 'in', visible(db, scope))
    .execute()
  const marks = rows.flatMap((row) => {
    if (unlinked.has(row.id)) return []
    const { id, status, author_name: authorName, author_email: authorEmail, source_branch: sourceBranch } = row
    return [
      { id, status, updatedAt: row.updated_at, hidden: noise.pullRequest({ status, authorName, authorEmail, sourceBranch }) },
    ]
  })
  return marks.sort((a, b) => b.updatedAt - a.updatedAt || b.id - a.id)
}

async function readRows(db: Reader, scope: Scope, marks: readonly PullRequestMark[]): Promise<StoredPullRequestRow[]> {
  if (marks.length === 0) return []
  const rows = await db
    .selectFrom('pull_requests')
    .select(['id', 'repository_id', 'number', 'title', 'status', 'draft', 'source_branch', 'target_branch', 'url'])
    .select(['author_name', 'author_email', 'reviewers', 'comment_count', 'updated_at'])
    .where(
      'id',
      'in',
      marks.map(({ id }) => id),
    )
    .execute()
  const byId = new Map(rows.map((row) => [row.id, row]))
  return marks.flatMap(({ id, hidden }) => {
    const row = byId.get(id)
    // Deleted between the two reads.
    if (row === undefined) return []
    return [
      {
        id,
        hidden,
        linkedBy: scope.manual.pullRequests.linked.get(id) ?? null,
        repositoryId: row.repository_id,
        number: row.number,
        title: row.title,
        status: row.status,
        draft: row.draft === 1,
        sourceBranch: row.source_branch,
        targetBranch: row.target_branch,
        url: row.url,
        authorName: row.author_name,
        authorEmail: row.author_email,
        reviewers: JSON.parse(row.reviewers) as Reviewer[],
        commentCount: row.comment_count,
        updatedAt: row.updated_at,
      },
    ]
  })
}
