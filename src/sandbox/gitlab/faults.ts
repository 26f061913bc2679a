import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../lib/clock.ts'

export type FaultAnswer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  /** Head and half of a body, then the connection breaks. */
  | 'cut'
  /** The page a reverse proxy shows when GitLab is down. */
  | 'html502'
  /** The right answer after 2 s. */
  | 'slow'
  /** Never an answer. */
  | 'hang'
  /** The connection breaks before any byte. */
  | 'reset'
  /** A body without an end, as fast as it is taken. */
  | 'endless'
  /** A body that comes a byte at a time, for ever. */
  | 'drip'

export interface Fault {
  readonly match: { readonly method?: string; readonly path?: RegExp }
  readonly answer: FaultAnswer
  /** How many matching requests fail; default 1. */
  readonly times?: number
  /** How many matching requests are let through before; default 0. */
  readonly after?: number
}

export interface Faults {
  /** Returns a function that removes it again. */
  add(fault: Fault): () => void
  clear(): void
}

export interface FaultInjector extends Faults {
  /** True when the fault has dealt with the request. `target` is path and query. */
  inject(request: IncomingMessage, response: ServerResponse, target: string): Promise<boolean>
}

const SLOW_MS = 2_000
const DRIP_MS = 100
const CHUNK = Buffer.alloc(1024 * 1024, ' ')

export function createFaults(clock: Clock): FaultInjector {
  const faults: { fault: Fault; left: number; skip: number }[] = []
  return {
    add(fault) {
      const entry = { fault, left: fault.times ?? 1, skip: fault.after ?? 0 }
      faults.push(entry)
      return () => {
        entry.left = 0
      }
    },
    clear() {
      faults.length = 0
    },
    async inject(request, response, target) {
      const found = faults.find(({ fault, left }) => left > 0 && matches(fault, request, target))
      if (found === undefined) return false
      if (found.skip > 0) {
        found.skip--
        return false
      }
      found.left--
      return answerWith(found.fault.answer, response, clock)
    },
  }
}

function matches({ match }: Fault, request: IncomingMessage, target: string): boolean {
  return (match.method === undefined || match.method === request.method) && (match.path === undefined || match.path.test(target))
}

async function answerWith(answer: FaultAnswer, response: ServerResponse, clock: Clock): Promise<boolean> {
  if (answer === 'slow') {
    await clock.sleep(SLOW_MS)
    return false
  }
  if (answer === 'hang') return true
  if (answer === 'reset') response.destroy()
  else if (answer === 'cut') cut(response)
  else if (answer === 'endless') pour(response)
  else if (answer === 'drip') drip(response)
  else if (answer === 'html502') {
    response.writeHead(502, { 'content-type': 'text/html; charset=utf-8' })
    response.end(
      '<!DOCTYPE html><html><head><title>GitLab is not responding (502)</title></head><body><h1>502</h1></body></html>',
    )
  } else {
    const text =
      typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? { message: `${answer.status} Injected` })
    response.writeHead(answer.status, {
      'content-type': typeof answer.body === 'string' ? 'text/plain' : 'application/json',
      ...answer.headers,
    })
    response.end(text)
  }
  return true
}

function pour(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const more = () => {
    while (!response.destroyed && response.write(CHUNK));
  }
  response.on('drain', more)
  more()
}

function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const timer = setInterval(() => response.write(' '), DRIP_MS)
  response.once('close', () => clearInterval(timer))
}

function cut(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
  response.write('[{"id":', () => response.destroy())
}
