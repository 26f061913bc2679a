import { sql } from 'kysely'
import type { AccountId, RepositoryId, Sha } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { SmartCommitAction, SmartCommitState } from '../../domain/smart-commit-record.ts'
import type { Reader } from '../database.ts'
import type { SmartCommitsTable } from '../smart-commit-tables.ts'
import { listActionsOf } from './smart-commit-actions.ts'

/** A smart commit as people see it. */
export interface SmartCommitEntry {
  readonly id: number
  readonly accountId: AccountId
  readonly repository: { readonly id: RepositoryId; readonly hostId: string; readonly name: string; readonly url: string }
  readonly sha: Sha
  readonly author: { readonly name: string; readonly email: string | null }
  readonly authoredAt: Date
  readonly lines: string
  readonly state: SmartCommitState
  readonly problem: Problem | null
  readonly recordedAt: Date
  readonly executedAt: Date | null
  readonly askedBy: string | null
  readonly reply: { readonly state: 'waiting' | 'posting' | 'posted' | 'failed'; readonly problem: Problem | null } | null
  readonly actions: readonly SmartCommitAction[]
}

export interface SmartCommitFilter {
  readonly repositoryId?: RepositoryId
  readonly accountId?: AccountId
  readonly state?: SmartCommitState
  /** An issue key, the beginning of a hash, an e-mail address, or part of a command. */
  readonly text?: string
  /** Executed in the name of this user of Jira, by the key that stays when they are renamed. */
  readonly userKey?: string
}

export interface SmartCommitPage extends SmartCommitFilter {
  /** null: from the newest. */
  readonly before: number | null
  readonly limit: number
}

/** Newest first, and the number after which the next page begins. */
export async function readSmartCommits(
  db: Reader,
  { before, limit, ...filter }: SmartCommitPage,
): Promise<{ readonly items: readonly SmartCommitEntry[]; readonly next: number | null }> {
  let select = selectEntries(db, filter)
    .orderBy('s.id', 'desc')
    .limit(limit + 1)
  if (before !== null) select = select.where('s.id', '<', before)
  const rows = await select.execute()
  const shown = rows.slice(0, limit)
  const items = await toEntries(db, shown)
  return { items, next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null }
}

/** One smart commit; null: there is none. */
export async function readSmartCommit(db: Reader, id: string): Promise<SmartCommitEntry | null> {
  const number = Number(id)
  if (!/^\d{1,15}$/.test(id)) return null
  const [entry = null] = await toEntries(db, await selectEntries(db, {}).where('s.id', '=', number).execute())
  return entry
}

/** What became of commits of this hash, in whatever repositories. */
export async function readSmartCommitsOf(db: Reader, sha: Sha): Promise<readonly SmartCommitEntry[]> {
  return toEntries(db, await selectEntries(db, {}).where('s.sha', '=', sha).orderBy('s.id').limit(100).execute())
}

function selectEntries(db: Reader, filter: SmartCommitFilter) {
  let select = db
    .selectFrom('smart_commits as s')
    .innerJoin('repositories as r', 'r.id', 's.repository_id')
    .select(['s.id', 's.repository_id', 's.sha', 's.author_name', 's.author_email', 's.authored_at', 's.lines', 's.state'])
    .select(['s.problem', 's.recorded_at', 's.executed_at', 's.asked_by', 's.reply_state', 's.reply_problem'])
    .select(['r.account_id', 'r.host_id', 'r.path', 'r.web_url'])
  if (filter.repositoryId !== undefined) select = select.where('s.repository_id', '=', Number(filter.repositoryId))
  if (filter.accountId !== undefined) select = select.where('r.account_id', '=', filter.accountId)
  if (filter.state !== undefined) select = select.where('s.state', '=', filter.state)
  if (filter.userKey !== undefined) {
    select = select.where(
      sql<boolean>`exists (select 1 from smart_commit_actions a where a.smart_commit_id = s.id and a.user_key = ${filter.userKey})`,
    )
  }
  return filter.text === undefined ? select : select.where(matchesText(filter.text))
}

function matchesText(text: string) {
  const lower = text.toLowerCase()
  const part = `%${lower.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`
  if (/^[A-Za-z][A-Za-z0-9_]+-[1-9][0-9]*$/.test(text)) {
    return sql<boolean>`exists (select 1 from smart_commit_actions a where a.smart_commit_id = s.id and a.issue_key = ${text.toUpperCase()})`
  }
  const inText = sql<boolean>`(lower(s.lines) like ${part} escape '\\' or lower(s.author_email) like ${part} escape '\\')`
  if (!/^[0-9a-f]{4,64}$/.test(lower)) return inText
  return sql<boolean>`(s.sha like ${`${lower}%`} or ${inText})`
}

type Row = Awaited<ReturnType<ReturnType<typeof selectEntries>['execute']>>[number]

async function toEntries(db: Reader, rows: readonly Row[]): Promise<SmartCommitEntry[]> {
  const actions = await listActionsOf(
    db,
    rows.map(({ id }) => id),
  )
  return rows.map((row) => ({
    id: row.id,
    accountId: row.account_id as AccountId,
    repository: { id: String(row.repository_id) as RepositoryId, hostId: row.host_id, name: row.path, url: row.web_url },
    sha: row.sha as Sha,
    author: { name: row.author_name, email: row.author_email },
    authoredAt: new Date(row.authored_at),
    lines: row.lines,
    state: row.state,
    problem: toProblem(row.problem),
    recordedAt: new Date(row.recorded_at),
    executedAt: row.executed_at === null ? null : new Date(row.executed_at),
    askedBy: row.asked_by,
    reply: toReply(row),
    actions: actions.get(row.id) ?? [],
  }))
}

const toProblem = (json: string | null) => (json === null ? null : (JSON.parse(json) as Problem))

function toReply({ reply_state, reply_problem }: { reply_state: string | null; reply_problem: string | null }) {
  if (reply_state === null) return null
  return { state: reply_state as NonNullable<SmartCommitEntry['reply']>['state'], problem: toProblem(reply_problem) }
}

/** How many smart commits of each of these repositories failed since a time in ms; those without one are absent. */
export async function readSmartCommitErrors(
  db: Reader,
  ids: readonly RepositoryId[],
  since: number,
): Promise<ReadonlyMap<RepositoryId, number>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('smart_commits')
    .select(['repository_id', (e) => e.fn.countAll<number>().as('n')])
    .where('state', '=', sql.lit('failed' satisfies SmartCommitsTable['state']))
    .where('repository_id', 'in', ids.map(Number))
    .where('executed_at', '>=', since)
    .groupBy('repository_id')
    .execute()
  return new Map(rows.map((row) => [String(row.repository_id) as RepositoryId, Number(row.n)]))
}
