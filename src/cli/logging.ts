import type { Config } from '../config/config.ts'
import { createLogger, type Logger } from '../lib/logger.ts'

const LEVELS: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'error' }

/** The process's log on standard error: JSON lines, or lines for people on a terminal. */
export function openLog({ log }: Pick<Config, 'log'>, err: NodeJS.WriteStream): Logger {
  const pretty = log.format === 'pretty' || (log.format === null && err.isTTY)
  return createLogger({
    level: log.level,
    ...(pretty ? { destination: { write: (line: string) => err.write(toReadable(line)) } } : {}),
  })
}

function toReadable(line: string): string {
  const { level, time, msg, ...data } = JSON.parse(line) as { level: number; time: number; msg: string } & Record<string, unknown>
  const details = Object.keys(data).length === 0 ? '' : ` ${JSON.stringify(data)}`
  return `${new Date(time).toISOString().slice(11, 19)} ${(LEVELS[level] ?? 'info').padEnd(5)} ${msg}${details}\n`
}
