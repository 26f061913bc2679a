import { atOnce } from '../../db/at-once.ts'
import type { Database } from '../../db/database.ts'
import { saveWebhooks, type ReceivedWebhook } from '../../db/stores/webhook-deliveries.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'

/** Takes webhooks for good: what it has answered for is on disk. */
export interface WebhookInbox {
  /** Its id, null for a duplicate. Rejects when it cannot be made durable; nothing of it is stored then. */
  store(webhook: ReceivedWebhook): Promise<number | null>
}

export interface InboxOptions {
  readonly db: Database
  readonly jobs: JobQueue
}

interface Waiting {
  readonly webhook: ReceivedWebhook
  resolve(id: number | null): void
  reject(error: unknown): void
}

/** Bounds a transaction, not the rate: what comes meanwhile is the next one. */
const MOST_AT_ONCE = 256
const MOST_BYTES_AT_ONCE = 16 * 1024 * 1024

/**
 * Group commit: what arrives while the disk is busy with the last transaction is stored in the next one, so that one wait
 * for the disk serves many. A single webhook waits for nobody: the loop starts in the same turn of the event loop, not after
 * a time. One job for all of them looks at what is pending.
 */
export function createWebhookInbox({ db, jobs }: InboxOptions): WebhookInbox {
  let waiting: Waiting[] = []
  let working = false

  async function work(): Promise<void> {
    // What else this turn of the event loop brings comes along.
    await new Promise((resolve) => setImmediate(resolve))
    while (waiting.length > 0) {
      const batch = takeBatch(waiting)
      waiting = waiting.slice(batch.length)
      await settle(batch)
    }
    working = false
  }

  async function settle(batch: readonly Waiting[]): Promise<void> {
    try {
      const ids = await save(batch.map(({ webhook }) => webhook))
      for (const [index, { resolve }] of batch.entries()) resolve(ids[index] ?? null)
    } catch (error) {
      // One that the database does not take must not keep the others from it; one that is away takes none of them.
      if (batch.length > 1 && isRefusedData(error)) for (const one of batch) await settle([one])
      else for (const { reject } of batch) reject(error)
    }
  }

  function save(webhooks: readonly ReceivedWebhook[]): Promise<(number | null)[]> {
    return db.write('webhook', async (tx) => {
      // Of duplicates alone the job is not needed, and finds nothing to do.
      const [ids] = await atOnce(tx, [
        () => saveWebhooks(tx, webhooks),
        () => jobs.add(tx, { name: 'process-webhooks', payload: {}, key: 'process-webhooks', priority: 'webhook' }),
      ] as const)
      return ids
    })
  }

  return {
    store(webhook) {
      db.takeAnswers()
      return new Promise((resolve, reject) => {
        waiting.push({ webhook, resolve, reject })
        if (working) return
        working = true
        void work()
      })
    },
  }
}

/** The first ones, at least one. */
function takeBatch(waiting: readonly Waiting[]): Waiting[] {
  let bytes = 0
  const end = waiting.findIndex(({ webhook }, index) => {
    bytes += webhook.body.length
    return index > 0 && (index >= MOST_AT_ONCE || bytes > MOST_BYTES_AT_ONCE)
  })
  return end === -1 ? [...waiting] : waiting.slice(0, end)
}

/** SQLite's and PostgreSQL's codes for values that a table does not take. */
function isRefusedData(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^SQLITE_(?:CONSTRAINT|TOOBIG|MISMATCH)|^2[23][0-9A-Z]{3}$/.test(code)
}
