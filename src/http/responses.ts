import { STATUS_CODES } from 'node:http'
import { z } from 'zod'
import { problemSchema } from '../contract/problem.ts'

type ProblemStatus = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 502 | 503 | 504

/** The failures of a route for its schema, besides those that every route with a token has. */
export function problems<const Status extends ProblemStatus>(...statuses: readonly Status[]) {
  const answers = statuses.map((status) => [status, problemAnswer(status)] as const)
  return Object.fromEntries(answers) as Record<Status, ReturnType<typeof problemAnswer>>
}

function problemAnswer(status: ProblemStatus) {
  return { description: STATUS_CODES[status] ?? 'Error', content: { 'application/problem+json': { schema: problemSchema } } }
}

/** No body. */
export const noBody = z.undefined().describe('No body.')
