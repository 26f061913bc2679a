import { checkConnections, checkDeclared, checkGit, toOpenStep, type Declared } from '../app/doctor/check-connections.ts'
import { checkOwnAddress } from '../app/doctor/check-own-address.ts'
import type { DoctorStep } from '../app/doctor/doctor-step.ts'
import { acceptMovedJira } from '../app/identity/ensure-same-jira.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'
import { isDataFolderLocked } from '../db/data-folder-lock.ts'
import { fixedToken } from '../domain/host-token.ts'
import { createGitProgram } from '../git/git-program.ts'
import { createHostRegistry } from '../hosts/registry.ts'
import { createJiraClient } from '../jira/client.ts'
import { systemClock } from '../lib/clock.ts'
import type { HttpClient } from '../lib/http-client.ts'
import type { Logger } from '../lib/logger.ts'
import { EXIT, type CommandContext, type ExitCode } from './command.ts'
import { openConnector, openHttp, toJiraSettings, type Connector } from './connector.ts'
import { openLog } from './logging.ts'

export interface DoctorOptions {
  readonly file: string | null
  readonly acceptMovedJira: boolean
}

/** Tests every connection step by step, also while a connector runs; exit 1 when a step failed. */
export async function doctor({ file, acceptMovedJira: accept }: DoctorOptions, context: CommandContext): Promise<ExitCode> {
  const config = loadConfig({ file, env: context.env, cwd: context.cwd })
  const log = openLog({ log: { ...config.log, level: 'error' } }, context.err)
  const http = await openHttp(config, { clock: systemClock, log })
  try {
    let failed = false
    for await (const step of examine({ config, http, log, accept }, context)) {
      print(step, context)
      failed ||= !step.ok
    }
    context.out.write(failed ? '\nSomething needs attention: see the steps marked "failed".\n' : '\nEverything works.\n')
    return failed ? EXIT.failed : EXIT.done
  } finally {
    await http.close()
  }
}

interface Examined {
  readonly config: Config
  readonly http: HttpClient
  readonly log: Logger
  /** Take the Jira that is configured now for the connected one. */
  readonly accept: boolean
}

async function* examine(examined: Examined, context: CommandContext): AsyncGenerator<DoctorStep, void, undefined> {
  const { config, http, log } = examined
  const { signal } = context
  yield await checkGit(createGitProgram({ env: context.env, network: { proxy: null }, log }))
  if (!(yield* examineStored(examined, context))) {
    context.out.write('        Without it only what the configuration file names is tested.\n')
    yield* checkDeclared(toDeclared(examined), signal)
  }
  const serverUrl = config.server.url ?? toListenUrl(config)
  yield await checkOwnAddress({ http, serverUrl, running: isDataFolderLocked(config.dataDir) }, signal)
}

/** By what the database holds; false when it cannot be opened or read. */
async function* examineStored(
  { config, log, accept }: Examined,
  context: CommandContext,
): AsyncGenerator<DoctorStep, boolean, undefined> {
  let connector: Connector
  try {
    const serverUrl = toListenUrl(config)
    connector = await openConnector({ config, serverUrl, env: context.env, log, deliver: false, beside: true })
  } catch (error) {
    yield toOpenStep(error)
    return false
  }
  try {
    const { app } = connector
    if (accept && app.jira !== null) {
      await acceptMovedJira(app, app.jira, context.signal)
      context.out.write('The Jira configured now counts as the connected one.\n')
    }
    return yield* checkConnections(app, context.signal)
  } finally {
    await connector.close()
  }
}

function toDeclared({ config, http, log }: Examined): Declared {
  const parts = { http, clock: systemClock, log }
  const hosts = createHostRegistry(parts)
  const jira = toJiraSettings(config)
  return {
    jira: jira === null ? null : { client: createJiraClient({ ...jira, ...parts }), delivery: jira.delivery },
    accounts: config.accounts.map(({ name, host, url, gitUrl, owner, token, webhookAdminToken }) => ({
      name,
      connect: () => {
        const tokens = { token: fixedToken(token.reveal()), webhookAdminToken: webhookAdminToken?.reveal() ?? null }
        return Promise.resolve(hosts.connect(host, { url, gitUrl, owner, ...tokens }))
      },
    })),
  }
}

const toListenUrl = ({
  server: {
    listen: { host, port },
  },
}: Config) => `http://${host.includes(':') ? `[${host}]` : host}:${port}`

function print({ subject, name, ok, message, remedy }: DoctorStep, { out }: CommandContext): void {
  out.write(`${ok ? 'ok    ' : 'failed'}  ${subject}, ${name}: ${message}\n`)
  if (remedy !== null) out.write(`        → ${remedy}\n`)
}
