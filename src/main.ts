import { processEnvironment } from './config/environment.ts'
import { runProgram } from './cli/program.ts'

const stop = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort(new Error(`received ${signal}`)))
// The launcher holds this channel: when it is killed, nobody could stop this process any more.
process.once('disconnect', () => stop.abort(new Error('the launcher ended')))
process.channel?.unref()

process.exitCode = await runProgram(process.argv.slice(2), {
  env: processEnvironment(),
  cwd: process.cwd(),
  out: process.stdout,
  err: process.stderr,
  signal: stop.signal,
})
