import { createServer, type Server } from 'node:http'
import { chmod, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { scheduleSweeps } from '../app/accounts/declare-accounts.ts'
import { makeSetupLink, removeSetupLink, writeSetupLink } from '../app/identity/set-up.ts'
import { runJobs } from '../app/run-jobs.ts'
import { recordStart } from '../app/webhooks/record-missed-webhooks.ts'
import { checkRole, type Role } from '../config/check-role.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'
import type { ListenAddress } from '../config/value-types.ts'
import { createHttpApp } from '../http/create-http-app.ts'
import type { HttpApp, HttpAppOptions, MetricsSource } from '../http/http-app.ts'
import type { RunningJobs } from '../jobs/job-queue.ts'
import { within } from '../jobs/within.ts'
import type { Clock } from '../lib/clock.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import type { Logger } from '../lib/logger.ts'
import { systemRandom } from '../lib/random.ts'
import { openConnector, type Connector } from './connector.ts'
import { SOCKET_NAME } from './local-api.ts'
import { createProcessMetrics } from './metrics.ts'
import { openLog } from './logging.ts'
import { ensureWebInterface, WEB_FOLDER } from './web-files.ts'
import { EXIT, type CommandContext, type ExitCode } from './command.ts'
import { VERSION } from './version.ts'

/** For the requests in flight when the connector stops. */
const CLOSE_GRACE_MS = 3_000

export interface ServeOptions {
  readonly file: string | null
  readonly role: Role
}

/** Runs the connector until a signal asks it to stop. */
export async function serve({ file, role }: ServeOptions, context: CommandContext): Promise<ExitCode> {
  const config = loadConfig({ file, env: context.env, cwd: context.cwd })
  checkRole(config, role)
  const log = openLog(config, context.err)
  const running = await startConnector({ config, role, env: context.env, log })
  if (running.address !== null) {
    context.out.write(`The connector listens on ${running.address}\n`)
    const { app } = running.connector
    await offerSetup({ ...app, settings: { ...app.settings, serverUrl: config.server.url ?? running.address } }, context.out)
  }
  await aborted(context.signal)
  log.info({ reason: String(context.signal.reason) }, 'stopping')
  await running.stop()
  return EXIT.done
}

/** Shows the set-up link while there is no administrator: on a terminal, else in a file, so that it gets into no log. */
async function offerSetup(
  { db, clock, settings }: Pick<Connector['app'], 'db' | 'clock' | 'settings'>,
  out: CommandContext['out'],
): Promise<void> {
  // What a former start left is void.
  await removeSetupLink(settings)
  const link = await makeSetupLink({ db, clock, settings })
  if (link === null) return
  const shown = out.isTTY ? `this link:\n  ${link}` : `the link in ${await writeSetupLink(settings, link)}`
  out.write(`Nobody can sign in yet. Make the first administrator within an hour, in a browser, with ${shown}\n`)
}

export interface RunningConnector {
  readonly connector: Connector
  /** Where it is reached; null for a worker. */
  readonly address: string | null
  /** The pages of the web interface can be opened; it is built on the first start from a checkout. */
  readonly interfaceBuilt: Promise<void>
  stop(): Promise<void>
}

export interface StartOptions {
  readonly config: Config
  readonly role: Role
  readonly env: NodeJS.ProcessEnv
  readonly log: Logger
}

/** Starts the connector: web first, so that webhooks are taken while the work begins. */
export async function startConnector({ config, role, env, log }: StartOptions): Promise<RunningConnector> {
  const { listen, workerListen } = config.server
  const { host, port } = listen
  const { metrics, source } = createProcessMetrics()
  const serverUrl = `http://${toUrlHost(host)}:${port}`
  const connector = await openConnector({ config, serverUrl, env, log, deliver: true, metrics })
  const metricsSource = source(connector.app)
  let jobs: RunningJobs | null = null
  const options: WebOptions = { config, connector, log, metrics: metricsSource, abortSync: (key) => jobs?.abort(key) }
  const web = role === 'worker' ? null : await startWeb(options)
  const operations = role === 'worker' && workerListen !== null ? await startOperations(options, workerListen) : null
  // Whatever came while nobody listened did not arrive.
  if (role !== 'worker') await recordStart(connector.app)
  if (role !== 'web') {
    jobs = await runJobs(connector.app, { repositoriesAtOnce: config.sync.concurrency, scheduled: true, random: systemRandom })
    await scheduleSweeps(connector.app)
  }
  const address = web?.address ?? operations?.address ?? null
  log.info({ version: VERSION, role, address }, 'ready')
  return {
    connector,
    address,
    interfaceBuilt: web?.interfaceBuilt ?? Promise.resolve(),
    async stop() {
      // Beside each other: together they must end before those lose patience who asked (10 s are common).
      await Promise.all([web?.close(), operations?.close(), jobs?.stop()])
      await connector.close()
    },
  }
}

interface WebOptions {
  readonly config: Config
  readonly connector: Connector
  readonly log: Logger
  readonly metrics: MetricsSource
  readonly abortSync: (key: string) => void
}

interface RunningWeb {
  readonly address: string
  /** Its pages can be opened. */
  readonly interfaceBuilt: Promise<void>
  close(): Promise<void>
}

function toAppOptions({ config, connector, log, metrics, abortSync }: WebOptions): HttpAppOptions {
  const { adminToken, trustProxy } = config.server
  const { app, secretBox } = connector
  return { app, secretBox, adminToken, trustProxy, version: VERSION, abortSync, log, metrics, options: config.shown }
}

/** Health and metrics of a node that only works. */
async function startOperations(options: WebOptions, listen: ListenAddress): Promise<Pick<RunningWeb, 'address' | 'close'>> {
  const http = await createHttpApp({ ...toAppOptions(options), operationsOnly: true })
  const address = await listenOnAddress(http, listen, 'server.workerListen')
  return { address, close: () => closeSoon(http, options.connector.app.clock) }
}

/** Resolves to the address with the port that was found free. */
async function listenOnAddress(http: HttpApp, { host, port }: ListenAddress, option: string): Promise<string> {
  try {
    await http.listen({ host, port })
  } catch (cause) {
    throw new ConnectorError('listen-failed', {
      userMessage: `The connector cannot listen on ${host}:${port}: ${cause instanceof Error ? cause.message : String(cause)}.`,
      remedy: `Choose another address with ${option}, or stop what uses it.`,
      cause,
    })
  }
  const listening = http.server.address()
  const actualPort = typeof listening === 'object' && listening !== null ? listening.port : port
  return `http://${toUrlHost(host)}:${actualPort}`
}

async function startWeb(options: WebOptions): Promise<RunningWeb> {
  const { config, connector, log } = options
  const local = new WeakSet<object>()
  const isTrusted: HttpAppOptions['isTrusted'] = (request) => local.has(request.raw.socket)
  const http = await createHttpApp({ ...toAppOptions(options), webFolder: WEB_FOLDER, isTrusted })
  const address = await listenOnAddress(http, config.server.listen, 'server.listen')
  // Beside everything else: nobody who only wants the API waits for it.
  const closing = new AbortController()
  const interfaceBuilt = ensureWebInterface(log, closing.signal)
  const socketPath = join(config.dataDir, SOCKET_NAME)
  // The data folder's lock is ours: what lies there is left from a process that died.
  await rm(socketPath, { force: true })
  const socket = createServer((request, response) => http.routing(request, response))
  socket.on('connection', (connection) => local.add(connection))
  await listenOn(socket, socketPath)
  return {
    address,
    interfaceBuilt,
    async close() {
      closing.abort()
      socket.close()
      socket.closeAllConnections()
      await Promise.all([closeSoon(http, connector.app.clock), interfaceBuilt])
      await rm(socketPath, { force: true })
    },
  }
}

/** Answers what is in flight, but waits for no client that sends or reads for ever. */
async function closeSoon(http: HttpApp, clock: Clock): Promise<void> {
  const closed = http.close()
  if (!(await within(clock, CLOSE_GRACE_MS, closed))) http.server.closeAllConnections()
  await closed
}

async function listenOn(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  await chmod(path, 0o600)
}

const toUrlHost = (host: string) => (host.includes(':') ? `[${host}]` : host)

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
