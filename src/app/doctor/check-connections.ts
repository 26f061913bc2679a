import { toDatabaseError } from '../../db/open-database.ts'
import { listAccounts } from '../../db/stores/accounts.ts'
import { countIssuesByState } from '../../db/stores/issues.ts'
import type { ResolvedOwner } from '../../domain/account.ts'
import type { GitProgram } from '../../git/git-program.ts'
import type { HostConnection } from '../../hosts/types.ts'
import type { JiraClient } from '../../jira/client.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import type { JiraConnection } from '../delivery/jira-connection.ts'
import { checkSameJira } from '../identity/ensure-same-jira.ts'
import { describeJiraWebhook, readJiraWebhookStatus } from '../jira-events/jira-webhook-status.ts'
import { toFailedStep, tryStep, type DoctorStep } from './doctor-step.ts'

type Steps<Result = void> = AsyncGenerator<DoctorStep, Result, undefined>

export function checkGit(git: Pick<GitProgram, 'checkVersion'>): Promise<DoctorStep> {
  return tryStep({ subject: 'Git', name: 'version' }, async () => `git ${await git.checkVersion()}`)
}

/** The step that names what kept the connector from opening what it stores; throws an unexpected error again. */
export function toOpenStep(error: unknown): DoctorStep {
  if (isConnectorError(error, 'data-folder-unusable')) return toFailedStep({ subject: 'Data folder', name: 'write' }, error)
  const isKey = isConnectorError(error) && /^(key-file|secret)-/.test(error.code)
  return toFailedStep(isKey ? { subject: 'Secret key', name: 'open' } : DATABASE_STEP, error)
}

/**
 * Tests the database and, by what it holds, Jira and the accounts; a failing step ends its subject, the others go on.
 * Resolves to false when the database failed, and with it nothing else could be tested.
 */
export async function* checkConnections(app: AppContext, signal: AbortSignal): Steps<boolean> {
  const database = await tryStep(DATABASE_STEP, () => checkDatabase(app))
  yield database
  if (!database.ok) return false
  yield* checkJira(app, signal)
  const accounts = await listAccounts(app.db.read)
  if (accounts.length === 0)
    yield {
      subject: 'Accounts',
      name: 'configured',
      ok: false,
      message: 'No account is configured.',
      remedy: 'Add one under "accounts" in the configuration file, or in the browser.',
    }
  for (const { id, name, resolvedOwner: known } of accounts)
    yield* checkHost({ name, connect: () => app.connections.get(id), known }, signal)
  return true
}

/** What the configuration file alone tells. */
export interface Declared {
  /** null: no Jira. */
  readonly jira: Pick<JiraConnection, 'client' | 'delivery'> | null
  readonly accounts: readonly { readonly name: string; readonly connect: () => Promise<HostConnection> }[]
}

/** Tests what can be without a database. */
export async function* checkDeclared({ jira, accounts }: Declared, signal: AbortSignal): Steps {
  if (jira !== null) yield* checkJiraClient(jira, signal)
  for (const account of accounts) yield* checkHost({ ...account, known: null }, signal)
}

const DATABASE_STEP = { subject: 'Database', name: 'read and write' } as const

async function checkDatabase({ db }: AppContext): Promise<string> {
  try {
    await db.write('interactive', async (tx) => {
      await countIssuesByState(tx)
    })
  } catch (error) {
    throw toDatabaseError(error)
  }
  return db.kind === 'sqlite' ? 'the embedded database answers' : 'PostgreSQL answers'
}

async function* checkJira(app: AppContext, signal: AbortSignal): Steps {
  const { jira } = app
  if (jira === null) {
    yield {
      subject: 'Jira',
      name: 'configured',
      ok: false,
      message: 'No Jira is configured.',
      remedy: 'Add "jira" with url and token to the configuration file, or connect it in the browser.',
    }
    return
  }
  if (!(yield* checkJiraClient(jira, signal))) return
  yield await tryStep({ subject: 'Jira', name: 'the same as before' }, async () => {
    await checkSameJira(app, jira, signal)
    return 'this is the Jira that was connected'
  })
  yield* checkJiraWebhook(app)
}

async function* checkJiraClient(
  { client, delivery }: { client: Pick<JiraClient, 'checkConnection'>; delivery: JiraConnection['delivery'] },
  signal: AbortSignal,
): Steps<boolean> {
  try {
    for (const { name, ok, message, remedy } of await client.checkConnection(signal, {
      remoteLinks: delivery.includes('link'),
    })) {
      yield { subject: 'Jira', name, ok, message, remedy }
      if (!ok) return false
    }
    return true
  } catch (error) {
    yield toFailedStep({ subject: 'Jira', name: 'reachable' }, error)
    return false
  }
}

/** Without a webhook the poll finds everything later: a hint, no failure. */
async function* checkJiraWebhook(app: AppContext): Steps {
  const status = await readJiraWebhookStatus(app)
  if (status === null) return
  yield { subject: 'Jira', name: 'webhook', ok: true, ...describeJiraWebhook(status) }
}

interface HostToCheck {
  readonly name: string
  readonly connect: () => Promise<HostConnection>
  /** What the owner's path led to before; null: not known. */
  readonly known: ResolvedOwner | null
}

async function* checkHost({ name, connect, known }: HostToCheck, signal: AbortSignal): Steps {
  try {
    const connection = await connect()
    for (const step of await connection.check(known, signal)) yield { subject: name, ...step }
  } catch (error) {
    yield toFailedStep({ subject: name, name: 'credentials' }, error)
  }
}
