import { sql } from 'kysely'
import type { DevelopmentFile, ManualMark } from '../../domain/development-information.ts'
import type { IssueKey } from '../../domain/ids.ts'
import type { Reader } from '../database.ts'
import { noiseOf, visible, type DevelopmentPosition, type MaybeHidden, type Scope } from './development-scope.ts'

export interface StoredCommitRow extends MaybeHidden {
  readonly repositoryId: number
  /** Our id: breaks the tie between commits of the same second. */
  readonly id: number
  readonly sha: string
  readonly message: string
  readonly authorName: string
  readonly authorEmail: string | null
  readonly authoredAt: number
  readonly merge: boolean
  /** Repositories with the same commit, such as forks. */
  readonly alsoIn: readonly number[]
  readonly linkedBy: ManualMark | null
  /** null: not loaded. */
  readonly fileCount: number | null
  readonly files: readonly DevelopmentFile[] | null
}

export const commitPosition = (row: StoredCommitRow): DevelopmentPosition => [row.authoredAt, row.id]

/** What is needed of each commit to decide whether it is shown, and where. */
interface CommitMark {
  readonly id: number
  readonly at: number
  readonly sha: string
  readonly repositoryId: number
  readonly isFork: boolean
  readonly merge: boolean
  readonly authorName: string
  readonly authorEmail: string | null
}

/** One commit, in however many repositories. */
interface FoundCommit extends MaybeHidden {
  readonly mark: CommitMark
  readonly copies: readonly CommitMark[]
}

/** Rows read at once beyond the first ones: enough to count 5,000 in a few steps. */
const CHUNK = 2_000
const FIRST_SLACK = 28

export async function readCommits(db: Reader, scope: Scope): Promise<StoredCommitRow[]> {
  const found: FoundCommit[] = []
  const after = scope.after ?? null
  walk: for await (const commits of walkCommits(db, scope, {
    from: after === null ? null : Number(after[0]),
    size: scope.limit + FIRST_SLACK,
  })) {
    for (const commit of commits) {
      if (commit.hidden && scope.showHidden !== true) continue
      if (after !== null && !isBehind(commit.mark, after)) continue
      found.push(commit)
      if (found.length === scope.limit) break walk
    }
  }
  return readRows(db, scope, found)
}

/** Every commit once, those that are noise apart. */
export async function countCommits(db: Reader, scope: Scope): Promise<{ shown: number; hidden: number }> {
  const { linked, unlinked } = scope.manual.commits
  if (linked.size + unlinked.size === 0) {
    return noiseOf(scope).ofCommits ? countByAuthor(db, scope) : { shown: await countAll(db, scope), hidden: 0 }
  }
  let shown = 0
  let hidden = 0
  for await (const commits of walkCommits(db, scope, { from: null, size: CHUNK })) {
    const noise = commits.filter((commit) => commit.hidden).length
    hidden += noise
    shown += commits.length - noise
  }
  return { shown, hidden }
}

/** Copies of a commit have one author: thousands of commits are a few dozen rows. */
async function countByAuthor(db: Reader, scope: Scope): Promise<{ shown: number; hidden: number }> {
  const { rows } = await sql<Pick<MarkRow, 'author_name' | 'author_email' | 'merge'> & { n: number }>`
    select c.author_name, c.author_email, c.merge, count(distinct c.sha) as n
    from commit_keys k cross join commits c cross join repositories r
    where k.issue_key in (${sql.join([...scope.keys])}) and c.id = k.commit_id
      and r.id = c.repository_id and r.linked = 1 and r.account_id in (${sql.join([...scope.accounts])})
    group by c.author_name, c.author_email, c.merge
  `.execute(db)
  const noise = noiseOf(scope)
  let shown = 0
  let hidden = 0
  for (const row of rows) {
    const commit = { authorName: row.author_name, authorEmail: row.author_email, merge: row.merge === 1 }
    if (noise.commit(commit)) hidden += Number(row.n)
    else shown += Number(row.n)
  }
  return { shown, hidden }
}

function isBehind({ at, id }: CommitMark, [afterAt, afterId]: DevelopmentPosition): boolean {
  return at < Number(afterAt) || (at === Number(afterAt) && id < Number(afterId))
}

/** Newest first, in steps that never cut a second in two: copies of a commit are of the same one. */
async function* walkCommits(
  db: Reader,
  scope: Scope,
  start: { from: number | null; size: number },
): AsyncGenerator<readonly FoundCommit[], void, undefined> {
  const manual = await readManualMarks(db, scope)
  let upTo = start.from ?? Number.MAX_SAFE_INTEGER
  let { size } = start
  for (;;) {
    const marks = new Map<number, CommitMark>()
    let complete = Number.NEGATIVE_INFINITY
    for (const key of scope.keys) {
      const rows = await readMarks(db, scope, { key, upTo, limit: size })
      for (const row of rows) marks.set(row.id, row)
      if (rows.length === size) complete = Math.max(complete, rows.at(-1)?.at ?? complete)
    }
    for (const mark of manual) if (mark.at <= upTo) marks.set(mark.id, mark)
    const ready = [...marks.values()].filter(({ id, at }) => at > complete && !scope.manual.commits.unlinked.has(id))
    if (ready.length > 0) yield gather(ready, scope)
    if (complete === Number.NEGATIVE_INFINITY) return
    // Nothing but one second: it is read again in a larger step.
    size = complete === upTo ? size * 4 : Math.min(size * 2, Math.max(size, CHUNK))
    upTo = complete
  }
}

/** Joined in this order on SQLite: the newest are found in the order of the primary key, without reading all. */
async function readMarks(
  db: Reader,
  scope: Scope,
  { key, upTo, limit }: { key: IssueKey; upTo: number; limit: number },
): Promise<CommitMark[]> {
  const { rows } = await sql<MarkRow>`
    select ${MARK} from commit_keys k cross join commits c cross join repositories r
    where k.issue_key = ${key} and k.authored_at <= ${upTo} and c.id = k.commit_id
      and r.id = c.repository_id and r.linked = 1 and r.account_id in (${sql.join([...scope.accounts])})
    order by k.authored_at desc, k.commit_id desc limit ${limit}
  `.execute(db)
  return rows.map(toMark)
}

async function readManualMarks(db: Reader, scope: Scope): Promise<CommitMark[]> {
  const ids = [...scope.manual.commits.linked.keys()]
  if (ids.length === 0) return []
  const { rows } = await sql<MarkRow>`
    select ${MARK} from commits c cross join repositories r
    where c.id in (${sql.join(ids)})
      and r.id = c.repository_id and r.linked = 1 and r.account_id in (${sql.join([...scope.accounts])})
  `.execute(db)
  return rows.map(toMark)
}

const MARK = sql`c.id, c.authored_at, c.sha, c.repository_id, c.merge, c.author_name, c.author_email, r.fork_of`

interface MarkRow {
  readonly id: number
  readonly authored_at: number
  readonly sha: string
  readonly repository_id: number
  readonly merge: number
  readonly author_name: string
  readonly author_email: string | null
  readonly fork_of: string | null
}

function toMark(row: MarkRow): CommitMark {
  return {
    id: row.id,
    at: row.authored_at,
    sha: row.sha,
    repositoryId: row.repository_id,
    isFork: row.fork_of !== null,
    merge: row.merge === 1,
    authorName: row.author_name,
    authorEmail: row.author_email,
  }
}

/** One row a commit: of the origin where that is known, else of the repository that was there first. */
function gather(marks: readonly CommitMark[], scope: Scope): FoundCommit[] {
  const noise = noiseOf(scope)
  const groups = Map.groupBy(marks, ({ sha }) => sha)
  const found = [...groups.values()].flatMap((copies) => {
    const [mark, ...others] = copies.toSorted((a, b) => Number(a.isFork) - Number(b.isFork) || a.repositoryId - b.repositoryId)
    return mark === undefined ? [] : [{ mark, copies: others, hidden: noise.commit(mark) }]
  })
  return found.sort((a, b) => b.mark.at - a.mark.at || b.mark.id - a.mark.id)
}

async function readRows(db: Reader, scope: Scope, found: readonly FoundCommit[]): Promise<StoredCommitRow[]> {
  if (found.length === 0) return []
  const rows = await db
    .selectFrom('commits as c')
    .leftJoin('commit_files as f', 'f.commit_id', 'c.id')
    .select(['c.id', 'c.message', 'f.file_count', 'f.files'])
    .where(
      'c.id',
      'in',
      found.map(({ mark }) => mark.id),
    )
    .execute()
  const byId = new Map(rows.map((row) => [row.id, row]))
  return found.flatMap(({ mark, copies, hidden }) => {
    const row = byId.get(mark.id)
    // Deleted between the two reads.
    if (row === undefined) return []
    const { linked } = scope.manual.commits
    const { id, sha, repositoryId, authorName, authorEmail, merge, at } = mark
    return [
      {
        id,
        sha,
        repositoryId,
        authorName,
        authorEmail,
        merge,
        hidden,
        authoredAt: at,
        message: row.message,
        alsoIn: copies.map((copy) => copy.repositoryId),
        linkedBy: [mark, ...copies].map((copy) => linked.get(copy.id)).find((by) => by !== undefined) ?? null,
        fileCount: row.file_count,
        files: row.file_count === null || row.files === null ? null : (JSON.parse(row.files) as DevelopmentFile[]),
      },
    ]
  })
}

async function countAll(db: Reader, scope: Scope): Promise<number> {
  if (!(await everythingIsVisible(db, scope))) {
    const row = await db
      .selectFrom('commit_keys as k')
      .innerJoin('commits as c', 'c.id', 'k.commit_id')
      .select((e) => e.fn.count<number>('c.sha').distinct().as('n'))
      .where('k.issue_key', 'in', scope.keys)
      .where('c.repository_id', 'in', visible(db, scope))
      .executeTakeFirstOrThrow()
    return Number(row.n)
  }
  const row = await db
    .selectFrom('commit_keys')
    .select((e) => (scope.keys.length === 1 ? e.fn.countAll<number>() : e.fn.count<number>('commit_id').distinct()).as('n'))
    .where('issue_key', 'in', scope.keys)
    .executeTakeFirstOrThrow()
  return Number(row.n) - (await countCopies(db, scope))
}

/** Copies of a commit in other repositories: its time is that of the first, so that only equal times are looked at. */
async function countCopies(db: Reader, { keys }: Scope): Promise<number> {
  const among = sql.join([...keys])
  const { rows } = await sql<{ ids: number; shas: number }>`
    select count(distinct c.id) as ids, count(distinct c.sha) as shas
    from (select authored_at from commit_keys where issue_key in (${among})
      group by authored_at having count(distinct commit_id) > 1) t
    cross join commit_keys k cross join commits c
    where k.issue_key in (${among}) and k.authored_at = t.authored_at and c.id = k.commit_id
  `.execute(db)
  return Number(rows[0]?.ids ?? 0) - Number(rows[0]?.shas ?? 0)
}

/** No commit that is stored belongs to a repository that is not shown: counting then needs no look at each of them. */
async function everythingIsVisible(db: Reader, { accounts }: Scope): Promise<boolean> {
  const hidden = await db
    .selectFrom('repositories')
    .select('id')
    .where('sync_started_at', 'is not', null)
    .where((e) => e.or([e('linked', '=', 0), e('account_id', 'not in', accounts)]))
    .limit(1)
    .executeTakeFirst()
  return hidden === undefined
}
