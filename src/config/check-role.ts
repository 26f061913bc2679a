import { ConnectorError } from '../lib/connector-error.ts'
import type { Config } from './config.ts'

/** What one process does: everything, the web side alone, or the jobs alone. */
export type Role = 'all' | 'web' | 'worker'

/**
 * Roles other than `all` share their database with other processes.
 *
 * @throws ConnectorError `role-needs-postgresql` (a mistake of usage).
 */
export function checkRole(config: Pick<Config, 'database'>, role: Role): void {
  if (role === 'all' || config.database.kind === 'postgresql') return
  throw new ConnectorError('role-needs-postgresql', {
    userMessage: `The role "${role}" was asked for with the embedded database, which belongs to one process.`,
    remedy: 'Set database to a postgres:// address in the configuration file, or start without --role.',
  })
}
