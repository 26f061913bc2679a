import type { AccountId, IssueKey, RepositoryId } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { Reader } from '../database.ts'
import type { JiraWritesTable, WebhookDeliveriesTable } from '../schema.ts'
import { INFORMATION_KINDS } from '../stores/jira-writes.ts'
import { sql } from 'kysely'

/** A webhook as people see it: without its payload. */
export interface WebhookEntry {
  readonly id: number
  readonly accountId: AccountId
  readonly deliveryId: string
  readonly event: string
  readonly receivedAt: Date
  readonly state: WebhookDeliveriesTable['state']
  readonly attempts: number
  readonly processedAt: Date | null
  readonly error: Problem | null
  readonly repositoryId: RepositoryId | null
  readonly headers: Readonly<Record<string, string>>
  /** It is still there, so that it can be replayed. */
  readonly payloadKept: boolean
}

export interface WriteEntry {
  readonly id: number
  /** null: it is about no issue. */
  readonly key: IssueKey | null
  readonly jiraId: string | null
  readonly kind: JiraWritesTable['kind']
  readonly writtenAt: Date
  readonly ms: number
  readonly state: JiraWritesTable['outcome']
  readonly status: number | null
  readonly error: Problem | null
  readonly bytes: number | null
  readonly contentHash: string | null
  /** The synchronisation whose change caused it. */
  readonly syncId: number | null
  /** Whose synchronisation that was. */
  readonly repositoryId: RepositoryId | null
}

interface Page<State> {
  /** null: from the newest. */
  readonly before: number | null
  readonly limit: number
  /** null: every state. */
  readonly state: State | null
  /** Absent: of every repository. */
  readonly repositoryId?: RepositoryId
}

interface PageOf<Item> {
  readonly items: readonly Item[]
  /** Id after which the next page begins; null: nothing comes after. */
  readonly next: number | null
}

/** Webhooks received, newest first. */
export async function readWebhooks(db: Reader, page: Page<WebhookEntry['state']>): Promise<PageOf<WebhookEntry>> {
  let select = selectWebhooks(db)
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
  if (page.before !== null) select = select.where('id', '<', page.before)
  if (page.state !== null) select = select.where('state', '=', page.state)
  if (page.repositoryId !== undefined) select = select.where('repository_id', '=', Number(page.repositoryId))
  // The words of the partial index.
  if (page.state === 'failed' || page.state === 'dead') select = select.where(sql<boolean>`state in ('failed', 'dead')`)
  return toPage((await select.execute()).map(toWebhookEntry), page.limit)
}

/** Webhooks after a number, the newest `limit` of them, oldest first. */
export async function readWebhooksAfter(db: Reader, after: number, limit: number): Promise<WebhookEntry[]> {
  const rows = await selectWebhooks(db).where('id', '>', after).orderBy('id', 'desc').limit(limit).execute()
  return rows.map(toWebhookEntry).toReversed()
}

/** One webhook; null: there is none. */
export async function readWebhook(db: Reader, id: number): Promise<WebhookEntry | null> {
  const row = await selectWebhooks(db).where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : toWebhookEntry(row)
}

/** Writes to Jira, newest first; of a repository: those that its synchronisations caused. */
export async function readWrites(db: Reader, page: Page<WriteEntry['state']>): Promise<PageOf<WriteEntry>> {
  let select = selectWrites(db)
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
  if (page.before !== null) select = select.where('id', '<', page.before)
  if (page.state === 'done') select = select.where('outcome', '=', 'done')
  if (page.state === 'failed') select = select.where(sql<boolean>`outcome = 'failed'`)
  if (page.repositoryId !== undefined) {
    const ofRepository = db.selectFrom('syncs').select('id').where('repository_id', '=', Number(page.repositoryId))
    select = select.where('sync_id', 'in', ofRepository)
  }
  return toPage((await select.execute()).map(toWriteEntry), page.limit)
}

/** The newest writes of development information for an issue key. */
export async function readWritesOfIssue(db: Reader, key: IssueKey, limit: number): Promise<WriteEntry[]> {
  const ofIssue = selectWrites(db).where('issue_key', '=', key).where('kind', 'in', INFORMATION_KINDS)
  return (await ofIssue.orderBy('id', 'desc').limit(limit).execute()).map(toWriteEntry)
}

/** Writes after a number, the newest `limit` of them, oldest first. */
export async function readWritesAfter(db: Reader, after: number, limit: number): Promise<WriteEntry[]> {
  const rows = await selectWrites(db).where('id', '>', after).orderBy('id', 'desc').limit(limit).execute()
  return rows.map(toWriteEntry).toReversed()
}

/** One write; null: there is none. */
export async function readWrite(db: Reader, id: number): Promise<WriteEntry | null> {
  const row = await selectWrites(db).where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : toWriteEntry(row)
}

function selectWebhooks(db: Reader) {
  return db
    .selectFrom('webhook_deliveries')
    .select(['id', 'account_id', 'delivery_id', 'event', 'received_at', 'state', 'attempts', 'processed_at', 'error'])
    .select(['repository_id', 'headers'])
    .select(sql<number>`exists (select 1 from webhook_payloads where webhook_id = webhook_deliveries.id)`.as('payload_kept'))
}

type WebhookRow = Awaited<ReturnType<ReturnType<typeof selectWebhooks>['execute']>>[number]

function toWebhookEntry(row: WebhookRow): WebhookEntry {
  return {
    id: row.id,
    accountId: row.account_id as AccountId,
    deliveryId: row.delivery_id,
    event: row.event,
    receivedAt: new Date(row.received_at),
    state: row.state,
    attempts: row.attempts,
    processedAt: row.processed_at === null ? null : new Date(row.processed_at),
    error: parseProblem(row.error),
    repositoryId: row.repository_id === null ? null : (String(row.repository_id) as RepositoryId),
    headers: JSON.parse(row.headers) as Record<string, string>,
    payloadKept: Boolean(row.payload_kept),
  }
}

function selectWrites(db: Reader) {
  return db
    .selectFrom('jira_writes')
    .select(['id', 'issue_key', 'jira_id', 'kind', 'written_at', 'ms', 'outcome', 'status', 'error', 'bytes'])
    .select(['content_hash', 'sync_id'])
    .select((e) =>
      e.selectFrom('syncs').select('repository_id').whereRef('syncs.id', '=', 'jira_writes.sync_id').as('repository_id'),
    )
}

type WriteRow = Awaited<ReturnType<ReturnType<typeof selectWrites>['execute']>>[number]

function toWriteEntry(row: WriteRow): WriteEntry {
  return {
    id: row.id,
    key: row.issue_key === '' ? null : (row.issue_key as IssueKey),
    jiraId: row.jira_id === '' ? null : row.jira_id,
    kind: row.kind,
    writtenAt: new Date(row.written_at),
    ms: row.ms,
    state: row.outcome,
    status: row.status,
    error: parseProblem(row.error),
    bytes: row.bytes,
    contentHash: row.content_hash,
    syncId: row.sync_id,
    repositoryId: row.repository_id === null ? null : (String(row.repository_id) as RepositoryId),
  }
}

function parseProblem(stored: string | null): Problem | null {
  return stored === null ? null : (JSON.parse(stored) as Problem)
}

function toPage<Item extends { readonly id: number }>(rows: readonly Item[], limit: number): PageOf<Item> {
  const last = rows[limit - 1]
  return { items: rows.slice(0, limit), next: rows.length > limit && last !== undefined ? last.id : null }
}
