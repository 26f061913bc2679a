import type { Account } from '../../domain/account.ts'
import type { AccountId } from '../../domain/ids.ts'
import { toProblem } from '../../domain/problem.ts'
import { findNotice, type TokenExpiry } from '../../domain/token-expiry.ts'
import type { Tx } from '../../db/database.ts'
import { findAccount, holdAccount, listAccounts, setAccountState, setTokenUser } from '../../db/stores/accounts.ts'
import { listTokenExpiries, replaceTokenExpiries, type StoredExpiry } from '../../db/stores/token-expiries.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { toHealth } from './account-health.ts'

const DAY_MS = 24 * 60 * 60_000

/** Asks for a look at an account's tokens. */
export async function requestCredentialCheck(
  app: Pick<AppContext, 'jobs'>,
  tx: Tx,
  { accountId, runAt }: { readonly accountId: AccountId; readonly runAt: Date },
): Promise<void> {
  await app.jobs.add(tx, { name: 'check-credentials', payload: { accountId }, key: `credentials:${accountId}`, runAt })
}

/** At the start of a node: a token of the configuration file may be another one now. */
export async function scheduleCredentialChecks(app: AppContext): Promise<void> {
  for (const { id } of await listAccounts(app.db.read)) {
    await app.db.write('background', (tx) => requestCredentialCheck(app, tx, { accountId: id, runAt: app.clock.now() }))
  }
}

/**
 * Looks when the tokens of an account end, and tells people 30, 7 and 1 days ahead: once in the log, all the while in the
 * account's problem. Looks again in a day, whatever came of it.
 */
export async function checkCredentials(
  app: AppContext,
  { accountId, planNext }: { readonly accountId: AccountId; readonly planNext: boolean },
  signal: AbortSignal,
): Promise<void> {
  const account = await findAccount(app.db.read, accountId)
  if (account === null) return
  // Nothing is asked of a host that refused the credentials, nor where there are none.
  if (account.state !== 'needs-sign-in' && account.problem?.code !== 'account-not-configured') {
    await lookAt(app, account, signal)
  }
  if (!planNext) return
  const runAt = new Date(app.clock.now().getTime() + DAY_MS)
  await app.db.write('background', async (tx) => {
    if (await holdAccount(tx, accountId)) await requestCredentialCheck(app, tx, { accountId, runAt })
  })
}

async function lookAt(app: AppContext, account: Account, signal: AbortSignal): Promise<void> {
  try {
    const connection = await app.connections.get(account.id)
    const found = await connection.readTokenExpiries(signal)
    const user = await connection.findUser(signal)
    await store(app, { account, found, user, skewMs: connection.clockSkewMs() })
  } catch (error) {
    if (signal.aborted || !isConnectorError(error)) throw error
    app.log.warn({ account: account.id, error: toProblem(error) }, 'expiry of tokens could not be read')
  }
}

interface Looked {
  readonly account: Account
  readonly found: readonly TokenExpiry[]
  readonly user: string | null
  readonly skewMs: number | null
}

async function store(app: AppContext, { account, found, user, skewMs }: Looked): Promise<void> {
  const now = app.clock.now()
  const news = await app.db.write('background', async (tx) => {
    if (!(await holdAccount(tx, account.id))) return []
    const before = await listTokenExpiries(tx, account.id)
    const after = found.map((expiry) => ({ ...expiry, warnedDays: findNotice(expiry, now), lookedAt: now.getTime() }))
    await replaceTokenExpiries(tx, account.id, after)
    await setTokenUser(tx, account.id, user)
    const today = await findAccount(tx, account.id)
    if (today !== null && isOurs(today)) {
      const { state, problem } = toHealth({ expiries: found, skewMs, now })
      await setAccountState(tx, account.id, state, problem)
    }
    return after.filter((expiry) => isNews(expiry, before))
  })
  for (const { credential, expiresAt, warnedDays } of news) {
    const fields = { account: account.id, credential, expiresAt: expiresAt?.toISOString(), days: warnedDays }
    app.log.warn(fields, warnedDays === 0 ? 'token expired' : 'token expires soon')
  }
}

const OURS: ReadonlySet<string> = new Set(['token-expires', 'token-expired', 'clock-differs'])

/** Other problems are a sweep's to tell and to take back. */
function isOurs({ problem }: Account): boolean {
  return problem === null || OURS.has(problem.code)
}

function isNews(now: StoredExpiry, before: readonly StoredExpiry[]): boolean {
  if (now.warnedDays === null) return false
  const last = before.find(({ credential }) => credential === now.credential)
  const same = last?.expiresAt?.getTime() === now.expiresAt?.getTime()
  return last === undefined || !same || last.warnedDays === null || now.warnedDays < last.warnedDays
}
