import { Transform } from 'node:stream'
import type { HttpApp } from './http-app.ts'

export interface BytesInFlight {
  readonly maxBytes: number
  readonly toError: () => Error
}

/**
 * Bounds the memory of bodies of this scope's routes: the bytes that arrived count until their request is answered or
 * broken off. The request whose bytes exceed the limit fails with `toError`; what was announced but not sent takes nothing.
 */
export function limitBytesInFlight(http: Pick<HttpApp, 'addHook'>, { maxBytes, toError }: BytesInFlight): void {
  let held = 0
  http.addHook('preParsing', async (_request, reply, payload) => {
    let own = 0
    let ended = false
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, next) {
        if (ended) return next()
        own += chunk.length
        held += chunk.length
        if (held <= maxBytes) return next(null, chunk)
        next(toError())
      },
    })
    reply.raw.once('close', () => {
      ended = true
      held -= own
      own = 0
    })
    // Not before somebody reads: until then nobody would hear of an error either.
    counted.once('resume', () => {
      payload.once('error', (error) => counted.destroy(error))
      payload.pipe(counted)
    })
    return counted
  })
}
