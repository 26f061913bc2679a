import { pino, stdSerializers, type Logger as PinoLogger } from 'pino'

/** Static message, data in fields: `log.info({ repositoryId }, 'sync finished')`. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error'> & { child(bindings: Record<string, unknown>): Logger }

/** Field names whose values are secrets wherever they appear. */
const REDACTED = ['token', 'password', 'secret', 'authorization', 'cookie', 'secretKey', 'webhookSecret', 'adminToken']

export interface LoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly destination?: { write(line: string): void }
}

/** Creates the process's logger: one JSON object a line, secrets redacted by field name. */
export function createLogger({ level, destination }: LoggerOptions): Logger {
  const paths = REDACTED.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])
  const options = { level, base: null, redact: { paths, censor: '[redacted]' }, serializers: { cause: stdSerializers.err } }
  return destination === undefined ? pino(options, pino.destination({ fd: 2, sync: false })) : pino(options, destination)
}

/** A logger that says nothing, for tests and for commands that print for people. */
export const silentLogger: Logger = createLogger({ level: 'silent' })
