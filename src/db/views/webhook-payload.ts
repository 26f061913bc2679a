import { sql } from 'kysely'
import type { Reader } from '../database.ts'

/** The beginning of what a Git host sent, as text. */
export interface WebhookPayload {
  readonly text: string
  /** Characters of the whole. */
  readonly length: number
}

/** The kept payload of a webhook, cut to `maxLength` characters; null: none is kept, or there is no such webhook. */
export async function readWebhookPayload(db: Reader, id: number, maxLength: number): Promise<WebhookPayload | null> {
  // Cut in the database: a payload may be 25 MiB.
  const row = await db
    .selectFrom('webhook_payloads')
    .select([sql<string>`substr(body, 1, ${maxLength})`.as('text'), sql<number>`length(body)`.as('length')])
    .where('webhook_id', '=', id)
    .executeTakeFirst()
  return row === undefined ? null : { text: row.text, length: Number(row.length) }
}
