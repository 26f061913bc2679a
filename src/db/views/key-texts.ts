import type { IssueKey } from '../../domain/ids.ts'
import type { Reader } from '../database.ts'

// Texts in which issue keys are looked for, of linked repositories, page by page.

export interface KeyText {
  readonly repository: string
  readonly text: string
  readonly url: string | null
}

export interface BranchPosition {
  readonly repositoryId: number
  readonly name: string
}

export async function listBranchTexts(
  db: Reader,
  { after, limit }: { readonly after: BranchPosition | null; readonly limit: number },
): Promise<(KeyText & { readonly position: BranchPosition })[]> {
  let select = db
    .selectFrom('branches as b')
    .innerJoin('repositories as r', 'r.id', 'b.repository_id')
    .select(['b.repository_id', 'b.name', 'r.path'])
    .where('r.linked', '=', 1)
  if (after !== null) {
    const { repositoryId, name } = after
    select = select
      .where('b.repository_id', '>=', repositoryId)
      .where((e) => e.or([e('b.repository_id', '>', repositoryId), e('b.name', '>', name)]))
  }
  const rows = await select.orderBy('b.repository_id').orderBy('b.name').limit(limit).execute()
  return rows.map((row) => ({
    repository: row.path,
    text: row.name,
    url: null,
    position: { repositoryId: row.repository_id, name: row.name },
  }))
}

export interface PullRequestText extends KeyText {
  readonly id: number
  readonly sourceBranch: string
  /** By which it is found now. */
  readonly keys: readonly IssueKey[]
}

export async function listPullRequestTexts(
  db: Reader,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<PullRequestText[]> {
  const rows = await db
    .selectFrom('pull_requests as p')
    .innerJoin('repositories as r', 'r.id', 'p.repository_id')
    .select(['p.id', 'p.title', 'p.source_branch', 'p.url', 'r.path'])
    .where('r.linked', '=', 1)
    .where('p.id', '>', after)
    .orderBy('p.id')
    .limit(limit)
    .execute()
  const [first, last] = [rows[0]?.id, rows.at(-1)?.id]
  if (first === undefined || last === undefined) return []
  const keys = await db
    .selectFrom('pull_request_keys')
    .select(['pull_request_id', 'issue_key'])
    .where('pull_request_id', '>=', first)
    .where('pull_request_id', '<=', last)
    .execute()
  const byId = Map.groupBy(keys, (row) => row.pull_request_id)
  return rows.map((row) => ({
    id: row.id,
    repository: row.path,
    text: row.title,
    url: row.url,
    sourceBranch: row.source_branch,
    keys: (byId.get(row.id) ?? []).map((key) => key.issue_key as IssueKey),
  }))
}

export async function listCommitTexts(
  db: Reader,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<(KeyText & { readonly id: number })[]> {
  const rows = await db
    .selectFrom('commits as c')
    .innerJoin('repositories as r', 'r.id', 'c.repository_id')
    .select(['c.id', 'c.message', 'r.path'])
    .where('r.linked', '=', 1)
    .where('c.id', '>', after)
    .orderBy('c.id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ id: row.id, repository: row.path, text: row.message, url: null }))
}
