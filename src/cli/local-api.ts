import { request } from 'node:http'
import { join } from 'node:path'
import { z } from 'zod'
import { ConnectorError } from '../lib/connector-error.ts'

/** Name of the socket in the data folder (mode 0700) through which the other commands talk to the running connector. */
export const SOCKET_NAME = 'connector.sock'

const TIMEOUT_MS = 30_000
const problemSchema = z.object({
  code: z.string(),
  detail: z.string().optional(),
  title: z.string().optional(),
  remedy: z.string().nullish(),
})

/** The administration interface of the connector that runs on this data folder. */
export interface LocalApi {
  send<T>(call: LocalCall<T>): Promise<T>
  /** The bytes of an answer that is a file. */
  download(path: string): Promise<Buffer>
}

export interface LocalCall<T> {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  /** Sent as JSON. */
  readonly body?: unknown
  readonly schema: z.ZodType<T>
}

export function createLocalApi(dataDir: string): LocalApi {
  const socketPath = join(dataDir, SOCKET_NAME)
  return {
    async send({ method, path, body, schema }) {
      return readLocalAnswer(await exchange({ method, path, socketPath, ...(body === undefined ? {} : { body }) }), schema)
    },
    async download(path) {
      return readLocalFile(await exchange({ method: 'GET', path, socketPath }))
    },
  }
}

interface LocalAnswer {
  readonly status: number
  readonly body: Buffer
}

/** What an answer holds; rejects with the problem that it tells of. */
export function readLocalAnswer<T>(answer: LocalAnswer, schema: z.ZodType<T>): T {
  const text = readLocalFile(answer).toString('utf8')
  return schema.parse(text === '' ? null : JSON.parse(text))
}

/** As it came; rejects likewise. */
export function readLocalFile({ status, body: bytes }: LocalAnswer): Buffer {
  if (status < 400) return bytes
  const body: unknown = bytes.length === 0 ? null : JSON.parse(bytes.toString('utf8'))
  const problem = problemSchema.safeParse(body)
  throw new ConnectorError(problem.data?.code ?? 'connector-failed', {
    userMessage: problem.data?.detail ?? problem.data?.title ?? `The running connector answered ${status}.`,
    ...(typeof problem.data?.remedy === 'string' ? { remedy: problem.data.remedy } : {}),
  })
}

function exchange({ body, ...call }: { method: string; path: string; socketPath: string; body?: unknown }): Promise<LocalAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) =>
      reject(
        new ConnectorError('connector-unreachable', {
          userMessage: `A connector works on this data folder but does not answer at ${call.socketPath}: ${cause.message}.`,
          remedy: 'It may be starting or stopping, or be a foreground synchronisation: try again when it is done.',
          cause,
        }),
      )
    const sent = body === undefined ? null : JSON.stringify(body)
    const headers = { accept: 'application/json', ...(sent === null ? {} : { 'content-type': 'application/json' }) }
    const outgoing = request({ ...call, timeout: TIMEOUT_MS, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', fail)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }))
    })
    outgoing.on('error', fail)
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')))
    outgoing.end(sent ?? undefined)
  })
}
