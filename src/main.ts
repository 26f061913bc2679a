import { processEnvironment } from './config/environment.ts'

const stop = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort(new Error(`received ${signal}`)))
// The launcher holds this channel: when it is killed, nobody could stop this process any more.
process.once('disconnect', () => stop.abort(new Error('the launcher ended')))
process.channel?.unref()

// Loading takes a while, and a signal may come meanwhile: so not among the imports above.
const { runProgram } = await import('./cli/program.ts')
process.exitCode = await runProgram(process.argv.slice(2), {
  env: processEnvironment(),
  cwd: process.cwd(),
  in: process.stdin,
  out: process.stdout,
  err: process.stderr,
  signal: stop.signal,
})
