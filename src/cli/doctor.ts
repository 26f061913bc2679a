import { checkConnections, type DoctorStep } from '../app/doctor/check-connections.ts'
import { acceptMovedJira } from '../app/identity/ensure-same-jira.ts'
import { loadConfig } from '../config/load-config.ts'
import { EXIT, type CommandContext, type ExitCode } from './command.ts'
import { openConnector } from './connector.ts'
import { openLog } from './logging.ts'

export interface DoctorOptions {
  readonly file: string | null
  readonly acceptMovedJira: boolean
}

/** Tests every connection step by step, also while a connector runs; exit 1 when a step failed. */
export async function doctor({ file, acceptMovedJira: accept }: DoctorOptions, context: CommandContext): Promise<ExitCode> {
  const config = loadConfig({ file, env: context.env, cwd: context.cwd })
  const log = openLog({ log: { ...config.log, level: 'error' } }, context.err)
  const serverUrl = `http://${config.server.listen.host}:${config.server.listen.port}`
  const connector = await openConnector({ config, serverUrl, env: context.env, log, deliver: false, beside: true })
  try {
    const { app } = connector
    if (accept && app.jira !== null) {
      await acceptMovedJira(app, app.jira, context.signal)
      context.out.write('The Jira configured now counts as the connected one.\n')
    }
    let failed = false
    for await (const step of checkConnections(app, context.signal)) {
      print(step, context)
      failed ||= !step.ok
    }
    context.out.write(failed ? '\nSomething needs attention: see the steps marked "failed".\n' : '\nEverything works.\n')
    return failed ? EXIT.failed : EXIT.done
  } finally {
    await connector.close()
  }
}

function print({ subject, name, ok, message, remedy }: DoctorStep, { out }: CommandContext): void {
  out.write(`${ok ? 'ok    ' : 'failed'}  ${subject}, ${name}: ${message}\n`)
  if (remedy !== null) out.write(`        → ${remedy}\n`)
}
