import type { Database } from '../../db/database.ts'
import { toProblem } from '../../domain/problem.ts'
import { createJiraClient, type JiraClient } from '../../jira/client.ts'
import { createJiraOAuth } from '../../jira/oauth.ts'
import type { JiraAuth } from '../../jira/jira-transport.ts'
import type { Clock } from '../../lib/clock.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { HttpClient } from '../../lib/http-client.ts'
import type { Logger } from '../../lib/logger.ts'
import type { SecretBox } from '../../lib/secret-box.ts'
import type { JiraConnection } from '../delivery/jira-connection.ts'
import { createJiraWebhookSecret } from '../jira-events/webhook-secret.ts'
import type { JiraDescription, JiraSettings } from './jira-settings.ts'
import { findStoredJira, openStoredAuth, parseStoredJira, saveStoredJira, type StoredJira } from './stored-jira.ts'

/**
 * The connected Jira of this process, which may become another one at any time: the configuration file's, else the one
 * that was connected in the browser, on whatever node.
 */
export interface JiraAccess {
  /** Stays the same object as long as nobody changes the connection; null: none is connected. */
  current(): JiraConnection | null
  /** The connection as it is told to people; null: there is none. */
  describe(): JiraDescription | null
  /** Reads whether another node stored another one. `current()` looks by itself too, every few seconds. */
  refresh(): Promise<void>
  /**
   * A client that is only tested. Without credentials the stored ones are taken.
   *
   * @throws ConnectorError `token-missing` when those belong to another address, or there are none
   */
  probe(url: string, auth: JiraAuth | null): JiraClient
  /**
   * Stores what was tested, within a transaction of the caller, who then calls `refresh`.
   *
   * @throws ConnectorError `managed-by-file`, and as `probe`
   */
  save(tx: Parameters<typeof saveStoredJira>[0], jira: NewJira): Promise<void>
}

export interface NewJira extends Omit<StoredJira, 'username' | 'secretSealed'> {
  /** null: the stored ones stay. */
  readonly auth: JiraAuth | null
}

export interface JiraAccessOptions {
  readonly db: Database
  readonly secretBox: SecretBox
  readonly http: HttpClient
  readonly clock: Clock
  readonly log: Logger
  readonly installationId: string
  /** Of the configuration file; null: it has none. */
  readonly declared: JiraSettings | null
}

/** Another node notices a change within this time, or with the next use after it. */
const LOOK_EVERY_MS = 2_000

interface Connected {
  /** Of the setting; null: the configuration file's. */
  readonly text: string | null
  readonly connection: JiraConnection
  readonly description: JiraDescription
  readonly auth: JiraAuth
}

/** Opens what is stored; throws `secret-unreadable`. */
export async function createJiraAccess(options: JiraAccessOptions): Promise<JiraAccess> {
  const { declared, db, secretBox, clock, log } = options
  let connected: Connected | null = declared === null ? null : connectDeclared(options, declared)
  let lookedAtMs = clock.monotonicMs()

  const refresh = async (): Promise<void> => {
    if (declared !== null) return
    lookedAtMs = clock.monotonicMs()
    const text = await findStoredJira(db.read)
    if (text === (connected?.text ?? null)) return
    connected = text === null ? null : connectStored(options, text)
    log.info({ jira: connected?.description.url ?? null }, 'another jira is connected')
  }

  const look = (): void => {
    // The embedded database belongs to this process alone: what changes, it changed itself.
    if (declared !== null || db.kind === 'sqlite' || clock.monotonicMs() - lookedAtMs < LOOK_EVERY_MS) return
    refresh().catch((error: unknown) => log.warn({ error: toProblem(error) }, 'the connection to jira could not be read'))
  }

  const findAuth = (url: string, auth: JiraAuth | null): JiraAuth => {
    if (auth !== null) return auth
    if (connected !== null && connected.description.url === url) return connected.auth
    throw credentialsMissing(connected?.description.url ?? null)
  }

  await refresh()
  return {
    current() {
      look()
      return connected?.connection ?? null
    },
    describe: () => connected?.description ?? null,
    refresh,
    probe: (url, auth) => createJiraClient({ url, auth: findAuth(url, auth), http: options.http, clock, log }),
    async save(tx, { auth, ...jira }) {
      if (declared !== null) throw managedByFile()
      await saveStoredJira(tx, secretBox, { ...jira, auth: findAuth(jira.url, auth) })
    },
  }
}

function connectDeclared(options: JiraAccessOptions, settings: JiraSettings): Connected {
  const description = { ...describe(settings), managedBy: 'file', connectedBy: null, connectedAt: null } as const
  return { text: null, connection: connect(options, settings), description, auth: settings.auth }
}

function connectStored(options: JiraAccessOptions, text: string): Connected {
  const stored = parseStoredJira(text)
  const settings: JiraSettings = {
    ...stored,
    auth: openStoredAuth(options.secretBox, stored),
    webhookSecret: null,
    poll: 'auto',
  }
  const { connectedBy, connectedAt } = stored
  const description = { ...describe(settings), managedBy: 'browser', connectedBy, connectedAt: new Date(connectedAt) } as const
  return { text, connection: connect(options, settings), description, auth: settings.auth }
}

function describe({ url, auth, property, delivery, webhooks }: JiraSettings) {
  return { url, auth: 'token' in auth ? 'token' : 'password', property, delivery, webhooks } as const
}

function connect({ db, secretBox, http, clock, log, installationId }: JiraAccessOptions, settings: JiraSettings): JiraConnection {
  const { url, auth, property, delivery, webhooks, webhookSecret, poll, oauth } = settings
  const ownSecret = createJiraWebhookSecret(db, secretBox)
  const levels = new Map(Object.entries(property.projects))
  return {
    client: createJiraClient({ url, auth, http, clock, log }),
    clientOf: (own) => createJiraClient({ url, auth: own, http, clock, log }),
    ...(oauth === undefined ? {} : { oauth: createJiraOAuth({ url, http, ...oauth }) }),
    propertyLevel: (projectKey) => levels.get(projectKey) ?? property.others,
    delivery,
    installationId,
    identityCheck: { trustedUntilMs: Number.NEGATIVE_INFINITY },
    events: {
      webhooks,
      poll,
      webhookSecrets: async () => [webhookSecret ?? (await ownSecret())],
      installation: { saved: false },
    },
  }
}

function credentialsMissing(stored: string | null): ConnectorError {
  return new ConnectorError('token-missing', {
    userMessage:
      stored === null
        ? 'No credentials are given, and none are stored.'
        : `The address is another one than ${stored}, and no credentials are given: what is stored is not sent to another address.`,
    remedy: 'Give "token", or "username" and "password", together with the address.',
  })
}

export function managedByFile(): ConnectorError {
  return new ConnectorError('managed-by-file', {
    userMessage: 'The connection to Jira is managed by the configuration file.',
    remedy: 'Change "jira" there and start the connector again.',
  })
}
