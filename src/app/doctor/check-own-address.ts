import { z } from 'zod'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { HttpClient, HttpResponse } from '../../lib/http-client.ts'
import { isConnectionRefused } from '../../lib/http-client/transport-error.ts'
import { tryStep, type DoctorStep } from './doctor-step.ts'

export interface OwnAddress {
  readonly http: HttpClient
  /** As hosts are told it, without a slash at the end. */
  readonly serverUrl: string
  /** A process works on the data folder. */
  readonly running: boolean
}

/** What a connector answers at /healthz, and hardly anything else. */
const aliveSchema = z.object({ status: z.literal('alive') })
/** What proxies answer when nothing is behind them. */
const NOTHING_BEHIND = new Set([502, 503, 504])

/** All that can be proved from here: the address that hosts are told leads to a connector. */
export function checkOwnAddress({ http, serverUrl, running }: OwnAddress, signal: AbortSignal): Promise<DoctorStep> {
  return tryStep({ subject: 'Webhooks', name: 'own address' }, async () => {
    const url = new URL(`${serverUrl}/healthz`)
    try {
      const answer = await http.send({ method: 'GET', url, signal, timeoutMs: 10_000, retries: 0 })
      if (answer.status !== 200 || !isAlive(answer)) throw notTheConnector(url, answer.status)
    } catch (error) {
      // Before the first start nothing can listen: no reason to keep anybody from it.
      if (!running && isConnectionRefused(error))
        return `nothing listens at ${serverUrl}: the connector is not running yet. Try again after "jira-dvcs serve"`
      throw error
    }
    return `${serverUrl} answers; whether the Git host reaches it, only a delivered webhook proves`
  })
}

function isAlive({ body }: HttpResponse): boolean {
  try {
    return aliveSchema.safeParse(JSON.parse(body.toString('utf8'))).success
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}

function notTheConnector(url: URL, status: number): ConnectorError {
  return new ConnectorError('own-address-wrong', {
    userMessage: `${url.href} answered ${status}, and not as the connector does.`,
    remedy: NOTHING_BEHIND.has(status)
      ? 'A proxy answers there and finds no connector behind it: start the connector ("jira-dvcs serve"), and compare where the proxy leads with server.listen.'
      : 'Something else listens there, or a proxy leads elsewhere: compare server.url, server.listen and the proxy.',
  })
}
