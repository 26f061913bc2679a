import type { Account } from '../../domain/account.ts'
import { toProblem } from '../../domain/problem.ts'
import { listAccounts } from '../../db/stores/accounts.ts'
import { countIssuesByState } from '../../db/stores/issues.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { ensureSameJira } from '../identity/ensure-same-jira.ts'
import { describeJiraWebhook, readJiraWebhookStatus } from '../jira-events/jira-webhook-status.ts'

/** One thing that was tested, in the order tried. */
export interface DoctorStep {
  /** `Git`, `Database`, `Jira`, `Webhooks`, or the account's name. */
  readonly subject: string
  readonly name: string
  readonly ok: boolean
  readonly message: string
  readonly remedy: string | null
}

/** Tests everything that the connector depends on; a failing step ends its subject, the others go on. */
export async function* checkConnections(app: AppContext, signal: AbortSignal): AsyncGenerator<DoctorStep, void, undefined> {
  yield await tryStep({ subject: 'Git', name: 'version' }, async () => `git ${await app.git.checkVersion()}`)
  yield await tryStep({ subject: 'Database', name: 'read and write' }, () => checkDatabase(app))
  yield* checkJira(app, signal)
  const accounts = await listAccounts(app.db.read)
  if (accounts.length === 0)
    yield {
      subject: 'Accounts',
      name: 'configured',
      ok: false,
      message: 'No account is configured.',
      remedy: 'Add one under "accounts" in the configuration file.',
    }
  for (const account of accounts) yield* checkAccount(app, account, signal)
  yield await tryStep({ subject: 'Webhooks', name: 'own address' }, () => checkOwnAddress(app, signal))
}

async function checkDatabase({ db }: AppContext): Promise<string> {
  await db.write('interactive', async (tx) => {
    await countIssuesByState(tx)
  })
  return db.kind === 'sqlite' ? 'the embedded database answers' : 'PostgreSQL answers'
}

async function* checkJira(app: AppContext, signal: AbortSignal): AsyncGenerator<DoctorStep, void, undefined> {
  const { jira } = app
  if (jira === null) {
    yield {
      subject: 'Jira',
      name: 'configured',
      ok: false,
      message: 'No Jira is configured.',
      remedy: 'Add "jira" with url and token to the configuration file.',
    }
    return
  }
  for (const step of await jira.client.checkConnection(signal, { remoteLinks: jira.delivery.includes('link') })) {
    yield { subject: 'Jira', name: step.name, ok: step.ok, message: step.message, remedy: step.remedy }
    if (!step.ok) return
  }
  yield await tryStep({ subject: 'Jira', name: 'the same as before' }, async () => {
    await ensureSameJira(app, jira, signal)
    return 'this is the Jira that was connected'
  })
  yield* checkJiraWebhook(app)
}

/** Without a webhook the poll finds everything later: a hint, no failure. */
async function* checkJiraWebhook(app: AppContext): AsyncGenerator<DoctorStep, void, undefined> {
  const status = await readJiraWebhookStatus(app)
  if (status === null) return
  yield { subject: 'Jira', name: 'webhook', ok: true, ...describeJiraWebhook(status) }
}

async function* checkAccount(
  app: AppContext,
  account: Account,
  signal: AbortSignal,
): AsyncGenerator<DoctorStep, void, undefined> {
  try {
    const connection = await app.connections.get(account.id)
    for (const step of await connection.check(account.resolvedOwner, signal)) yield { subject: account.name, ...step }
  } catch (error) {
    yield toFailedStep({ subject: account.name, name: 'credentials' }, error)
  }
}

/** All that can be proved from here: the address that hosts are told leads to this connector. */
async function checkOwnAddress(app: AppContext, signal: AbortSignal): Promise<string> {
  const { serverUrl } = app.settings
  const answer = await app.http.send({
    method: 'GET',
    url: new URL(`${serverUrl}/healthz`),
    signal,
    timeoutMs: 10_000,
    retries: 0,
  })
  return answer.status === 200
    ? `${serverUrl} answers; whether the Git host reaches it, only a delivered webhook proves`
    : `${serverUrl}/healthz answered ${answer.status}: something else listens there, or a proxy stands between`
}

type StepName = Pick<DoctorStep, 'subject' | 'name'>

async function tryStep(step: StepName, test: () => Promise<string>): Promise<DoctorStep> {
  try {
    return { ...step, ok: true, message: await test(), remedy: null }
  } catch (error) {
    return toFailedStep(step, error)
  }
}

function toFailedStep(step: StepName, error: unknown): DoctorStep {
  if (!isConnectorError(error)) throw error
  const { message, remedy } = toProblem(error)
  return { ...step, ok: false, message, remedy }
}
