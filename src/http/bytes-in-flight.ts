import { Transform } from 'node:stream'
import type { HttpApp } from './http-app.ts'

export interface BytesInFlight {
  /** Of everything that is received at once. */
  readonly maxBytes: number
  /**
   * The first bytes of each request, up to this many, count by themselves, against a quarter of `maxBytes`: large bodies that
   * never end do not keep ordinary ones out. 0: all count alike.
   */
  readonly ordinaryBytes: number
  readonly toError: () => Error
}

/**
 * Bounds the memory of bodies of this scope's routes: the bytes that arrived count until their request is answered or
 * broken off. The request whose bytes exceed the limit fails with `toError`; what was announced but not sent takes nothing.
 */
export function limitBytesInFlight(http: Pick<HttpApp, 'addHook'>, { maxBytes, ordinaryBytes, toError }: BytesInFlight): void {
  const limits = { first: ordinaryBytes === 0 ? 0 : maxBytes / 4, rest: ordinaryBytes === 0 ? maxBytes : (maxBytes / 4) * 3 }
  const held = { first: 0, rest: 0 }
  http.addHook('preParsing', async (_request, reply, payload) => {
    const own = { first: 0, rest: 0 }
    let ended = false
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, next) {
        if (ended) return next()
        const first = Math.min(chunk.length, ordinaryBytes - own.first)
        for (const [part, bytes] of [
          ['first', first],
          ['rest', chunk.length - first],
        ] as const) {
          own[part] += bytes
          held[part] += bytes
        }
        if (held.first <= limits.first && held.rest <= limits.rest) return next(null, chunk)
        next(toError())
      },
    })
    reply.raw.once('close', () => {
      ended = true
      for (const part of ['first', 'rest'] as const) {
        held[part] -= own[part]
        own[part] = 0
      }
    })
    // Not before somebody reads: until then nobody would hear of an error either.
    counted.once('resume', () => {
      payload.once('error', (error) => counted.destroy(error))
      payload.pipe(counted)
    })
    return counted
  })
}
