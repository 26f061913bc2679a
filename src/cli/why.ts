import { explainReference } from '../app/explain/explain-reference.ts'
import { loadConfig } from '../config/load-config.ts'
import { explanationSchema } from '../contract/explain.ts'
import type { Explanation } from '../domain/explanation.ts'
import { isConnectorError } from '../lib/connector-error.ts'
import { EXIT, type CommandContext, type ExitCode } from './command.ts'
import { openConnector } from './connector.ts'
import { toExplanationText } from './explanation-text.ts'
import { createLocalApi } from './local-api.ts'
import { openLog } from './logging.ts'

export interface WhyOptions {
  readonly file: string | null
  readonly ref: string
}

/** Prints why something is, or is not, in Jira; exit 1 when nothing is known of it. */
export async function why(options: WhyOptions, context: CommandContext): Promise<ExitCode> {
  const explanation = await explain(options, context)
  context.out.write(toExplanationText(explanation))
  return explanation.found ? EXIT.done : EXIT.failed
}

/** By the connector that runs on the data folder, which knows best; else from the database, beside whoever works on it. */
async function explain({ file, ref }: WhyOptions, context: CommandContext): Promise<Explanation> {
  const config = loadConfig({ file, env: context.env, cwd: context.cwd })
  try {
    const path = `/api/v1/explain?ref=${encodeURIComponent(ref)}`
    return await createLocalApi(config.dataDir).send({ method: 'GET', path, schema: explanationSchema })
  } catch (error) {
    if (!isConnectorError(error, 'connector-unreachable')) throw error
  }
  const log = openLog({ log: { ...config.log, level: 'error' } }, context.err)
  const serverUrl = `http://${config.server.listen.host}:${config.server.listen.port}`
  const connector = await openConnector({ config, serverUrl, env: context.env, log, deliver: true, beside: true })
  try {
    return await explainReference(connector.app, ref, context.signal)
  } finally {
    await connector.close()
  }
}
