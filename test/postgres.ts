import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { inject } from 'vitest'
import { z } from 'zod'

const answerSchema = z.union([z.object({ url: z.string() }), z.object({ error: z.string() })])

/**
 * The address of a new, empty PostgreSQL database, for one test file: `beforeAll(async () => { url = await
 * createTestDatabaseUrl() })`. It is gone after the run. Close the connections to it in `afterAll`. Throws an error that
 * says what to install when the machine offers no PostgreSQL (see `test/postgres/start.ts` for where it is looked for).
 */
export async function createTestDatabaseUrl(): Promise<string> {
  const answer = answerSchema.parse(JSON.parse(await text(connect(inject('testPostgresPort'), '127.0.0.1'))))
  if ('error' in answer) throw new Error(answer.error)
  return answer.url
}
