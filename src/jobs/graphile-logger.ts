import { Logger as GraphileLogger } from 'graphile-worker'
import type { Logger } from '../lib/logger.ts'

const LEVELS = { error: 'error', warning: 'warn', info: 'debug', debug: 'debug' } as const

/**
 * graphile-worker's log in ours. Its `info` is one line per job, so it becomes `debug`; of its fields only the scope is
 * kept, because the others carry whole jobs and connections.
 */
export function createGraphileLogger(log: Logger): GraphileLogger {
  return new GraphileLogger((scope) => (level, message) => {
    log[LEVELS[level]]({ component: scope.label ?? 'graphile-worker', text: message }, 'job queue library')
  })
}
