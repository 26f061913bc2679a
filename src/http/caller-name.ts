import type { FastifyRequest } from 'fastify'

/** Who asks, as people read it later beside what was done. */
export function nameOfCaller({ caller }: FastifyRequest): string {
  return caller === 'local' ? 'a command on the connector' : 'the administrator'
}
