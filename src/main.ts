import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { processEnvironment } from './config/environment.ts'
import { packageRoot } from './lib/package-root.ts'

// Loading 700 modules takes 320 ms, from this cache 150 ms. It lies where only those may write who may change the code
// itself; where we may not write either, Node does without.
enableCompileCache(join(packageRoot, 'node_modules', '.cache', 'jira-dvcs'))

const stop = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort(new Error(`received ${signal}`)))
// The launcher holds this channel: when it is killed, nobody could stop this process any more.
process.once('disconnect', () => stop.abort(new Error('the launcher ended')))
process.channel?.unref()

// After the cache is there, so not among the imports above.
const { runProgram } = await import('./cli/program.ts')
process.exitCode = await runProgram(process.argv.slice(2), {
  env: processEnvironment(),
  cwd: process.cwd(),
  in: process.stdin,
  out: process.stdout,
  err: process.stderr,
  signal: stop.signal,
})
