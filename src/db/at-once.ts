import type { Tx } from './database.ts'
import { isPostgres } from './json-rows.ts'

/**
 * Runs parts of a transaction that do not need each other's results. In the embedded database they run side by side: what
 * they ask in the same turn of the event loop goes to the writing thread together, so that ten parts wait for one way there
 * and back, which takes milliseconds while webhooks arrive. PostgreSQL's connection takes one statement at a time, so there
 * they run one after the other.
 *
 * When one rejects, so does the whole with the first reason, after all have ended: none of them may still be asking when the
 * transaction is rolled back.
 */
export async function atOnce<T extends readonly (() => Promise<unknown>)[]>(
  tx: Tx,
  parts: T,
): Promise<{ -readonly [K in keyof T]: Awaited<ReturnType<T[K]>> }> {
  const results: unknown[] = []
  if (isPostgres(tx)) for (const part of parts) results.push(await part())
  else for (const settled of await Promise.allSettled(parts.map((part) => part()))) results.push(unwrap(settled))
  return results as { -readonly [K in keyof T]: Awaited<ReturnType<T[K]>> }
}

function unwrap(settled: PromiseSettledResult<unknown>): unknown {
  if (settled.status === 'rejected') throw settled.reason
  return settled.value
}
