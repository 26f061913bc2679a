import pg from 'pg'
import type { Logger } from '../lib/logger.ts'

/** One connection outside any pool, for locks that live as long as it does. */
export interface PgSession {
  /** One statement after the other, in order of the calls. */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>
  /** Aborted when the connection is gone, and everything held by it. */
  readonly lost: AbortSignal
  /** Never rejects. */
  close(): Promise<void>
}

/** A server that does not answer for so long counts as lost. */
const TIMEOUT_MS = 15_000

/** A machine that vanished without a word is noticed by the server after 10 + 3·5 s; its default is two hours. */
const KEEP_ALIVES = 'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3'

/**
 * Connects. Rejects with the driver's error.
 *
 * @param url a direct connection or a session pooler: transaction poolers lose locks. A secret.
 */
export async function openSession(url: string, log: Logger): Promise<PgSession> {
  const lost = new AbortController()
  const client = new pg.Client({
    connectionString: url,
    application_name: 'jira-dvcs node',
    keepAlive: true,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  })
  client.on('error', (error) => lost.abort(error))
  client.on('end', () => lost.abort(new Error('The server closed the connection')))
  const close = () =>
    client.end().catch((error: unknown) => log.debug({ error: String(error) }, 'closing a lost connection failed'))
  // The driver will refuse a statement while another one runs.
  let previous: Promise<unknown> = Promise.resolve()
  try {
    await client.connect()
    await client.query(KEEP_ALIVES)
  } catch (error) {
    await close()
    throw error
  }
  return {
    async query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) {
      const ask = () => client.query<Row>(text, [...values])
      const answer = previous.then(ask, ask)
      previous = answer
      return (await answer).rows
    },
    lost: lost.signal,
    close,
  }
}
