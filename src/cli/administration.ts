import { z } from 'zod'
import { loadConfig } from '../config/load-config.ts'
import { createHttpApp } from '../http/create-http-app.ts'
import { isConnectorError } from '../lib/connector-error.ts'
import type { CommandContext } from './command.ts'
import { openConnector } from './connector.ts'
import { createLocalApi, readLocalAnswer, readLocalFile, type LocalApi } from './local-api.ts'
import { openLog } from './logging.ts'
import { VERSION } from './version.ts'

/**
 * Gives `work` the administration interface: of the connector that runs on the data folder, else one of its own on the
 * same database, which listens nowhere. Either way the same checks and the same journal.
 */
export async function administer<T>(
  file: string | null,
  context: CommandContext,
  work: (api: LocalApi) => Promise<T>,
): Promise<T> {
  const config = loadConfig({ file, env: context.env, cwd: context.cwd })
  const running = createLocalApi(config.dataDir)
  if (await answers(running)) return work(running)
  const log = openLog({ log: { ...config.log, level: 'error' } }, context.err)
  const serverUrl = `http://${config.server.listen.host}:${config.server.listen.port}`
  const connector = await openConnector({ config, serverUrl, env: context.env, log, deliver: false, beside: true })
  try {
    const { app, secretBox } = connector
    const options = { app, secretBox, adminToken: null, trustProxy: false, version: VERSION, log, options: config.shown }
    const http = await createHttpApp({ ...options, abortSync: () => undefined, isTrusted: () => true })
    try {
      return await work({
        async send({ method, path, body, schema }) {
          const payload = body === undefined ? {} : { payload: body as object }
          const { statusCode: status, rawPayload } = await http.inject({ method, url: path, ...payload })
          return readLocalAnswer({ status, body: rawPayload }, schema)
        },
        async download(path) {
          const { statusCode: status, rawPayload } = await http.inject({ method: 'GET', url: path })
          return readLocalFile({ status, body: rawPayload })
        },
      })
    } finally {
      await http.close()
    }
  } finally {
    await connector.close()
  }
}

async function answers(api: LocalApi): Promise<boolean> {
  try {
    await api.send({ method: 'GET', path: '/healthz', schema: z.unknown() })
    return true
  } catch (error) {
    if (isConnectorError(error, 'connector-unreachable')) return false
    throw error
  }
}

/** All pages of a list. */
export async function listAll<T>(api: LocalApi, path: string, schema: z.ZodType<T>): Promise<T[]> {
  const page = z.object({ items: z.array(schema), next: z.string().nullable() })
  const all: T[] = []
  let cursor: string | null = null
  do {
    const query: string = cursor === null ? '?limit=200' : `?limit=200&cursor=${encodeURIComponent(cursor)}`
    const { items, next } = await api.send({ method: 'GET', path: `${path}${query}`, schema: page })
    all.push(...items)
    cursor = next
  } while (cursor !== null)
  return all
}
