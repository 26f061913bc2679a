import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'

export interface HookAnswer {
  /** null: no complete answer in time. */
  readonly status: number | null
  /** Body, at most 8 kB of it, or what went wrong. */
  readonly answer: string
}

const MAX_ANSWER_CHARACTERS = 8_192

/** Posts a hook's body. Never rejects: what goes wrong is the answer. Redirects are not followed. */
export function postHook(options: {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly timeoutMs: number
  readonly verifyTls: boolean
  readonly closing: AbortSignal
}): Promise<HookAnswer> {
  return new Promise((resolve) => {
    const secure = options.url.startsWith('https:')
    const body = Buffer.from(options.text)
    const settings = {
      method: 'POST',
      headers: { ...options.headers, 'Content-Length': String(body.length) },
      signal: AbortSignal.any([AbortSignal.timeout(options.timeoutMs), options.closing]),
      agent: false as const,
    }
    const request = secure
      ? requestHttps(options.url, { ...settings, rejectUnauthorized: options.verifyTls })
      : requestHttp(options.url, settings)
    const fail = (error: Error) =>
      resolve({ status: null, answer: error.name === 'AbortError' ? 'execution expired' : error.message })
    request.once('error', fail)
    request.once('response', (response) => {
      let answer = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        if (answer.length < MAX_ANSWER_CHARACTERS) answer += chunk
      })
      response.once('error', fail)
      response.once('end', () => resolve({ status: response.statusCode ?? null, answer: answer.slice(0, MAX_ANSWER_CHARACTERS) }))
    })
    request.end(body)
  })
}
