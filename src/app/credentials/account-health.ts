import type { Account } from '../../domain/account.ts'
import { LARGEST_CLOCK_SKEW_MS } from '../../domain/clock-difference.ts'
import type { Problem } from '../../domain/problem.ts'
import { findNotice, toExpiryProblem, type TokenExpiry } from '../../domain/token-expiry.ts'
import type { Tx } from '../../db/database.ts'
import { setAccountState } from '../../db/stores/accounts.ts'
import { listTokenExpiries } from '../../db/stores/token-expiries.ts'
import type { AppContext } from '../app-context.ts'

/** Beyond it somebody should look at the clocks, though nothing fails yet. */
const NOTABLE_SKEW_MS = 60_000

export interface Health {
  readonly state: 'ok' | 'degraded'
  readonly problem: Problem | null
}

/**
 * How an account does whose host answers: `degraded` when something does not work (a token has expired, clocks differ by
 * more than signed webhooks allow), `ok` with a problem when something will stop working (a token expires soon).
 */
export function toHealth({
  expiries,
  skewMs,
  now,
}: {
  readonly expiries: readonly TokenExpiry[]
  readonly skewMs: number | null
  readonly now: Date
}): Health {
  const first = expiries.toSorted((a, b) => endOf(a) - endOf(b))[0]
  const problem = first === undefined ? null : toExpiryProblem(first, now)
  if (first !== undefined && findNotice(first, now) === 0) return { state: 'degraded', problem }
  if (skewMs !== null && Math.abs(skewMs) > LARGEST_CLOCK_SKEW_MS) return { state: 'degraded', problem: toClockProblem(skewMs) }
  return { state: 'ok', problem }
}

/** Records after a sweep that succeeded how the account does. */
export async function recordHealth(
  app: Pick<AppContext, 'clock' | 'log'>,
  tx: Tx,
  { account, skewMs }: { readonly account: Account; readonly skewMs: number | null },
): Promise<void> {
  const expiries = await listTokenExpiries(tx, account.id)
  const { state, problem } = toHealth({ expiries, skewMs, now: app.clock.now() })
  if (skewMs !== null && Math.abs(skewMs) > NOTABLE_SKEW_MS)
    app.log.warn({ account: account.id, skewMs }, "this machine's clock differs from the host's")
  await setAccountState(tx, account.id, state, problem)
}

const endOf = ({ expiresAt }: TokenExpiry): number => expiresAt?.getTime() ?? Number.POSITIVE_INFINITY

function toClockProblem(skewMs: number): Problem {
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  return {
    code: 'clock-differs',
    message: `This machine's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} the host's: signed webhooks are refused.`,
    remedy: 'Set both clocks by NTP.',
  }
}
