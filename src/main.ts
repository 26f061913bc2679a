import { createStopSignal } from './cli/stop-signal.ts'
import { processEnvironment } from './config/environment.ts'
import { systemClock } from './lib/clock.ts'

const signal = createStopSignal(systemClock)

// Loading takes a while, and a signal may come meanwhile: so not among the imports above.
const { runProgram } = await import('./cli/program.ts')
process.exitCode = await runProgram(process.argv.slice(2), {
  env: processEnvironment(),
  cwd: process.cwd(),
  in: process.stdin,
  out: process.stdout,
  err: process.stderr,
  signal,
})
