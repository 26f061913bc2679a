import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { configure, runSync, type Bench } from './bench.ts'
import { atMost, median } from './figures.ts'
import { notePeaks } from './run-measured.ts'

const READY_LIMIT_MS = 30_000

interface Serving {
  readonly url: string
  /** From the start of the process to the first answer 200 of /readyz. */
  readonly readyMs: number
  readonly peaks: { readonly node: number }
  stop(): Promise<void>
}

/** How long a restart keeps webhooks and people waiting, on the database of the import. */
export async function benchRestart(bench: Bench): Promise<void> {
  const { owner } = await bench.history()
  const port = await findFreePort()
  const file = await configure(bench, { name: 'restart', owner, listen: `127.0.0.1:${port}` })
  await runSync(bench, file)
  const readyMs: number[] = []
  for (let round = 0; round < bench.options.rounds; round += 1) {
    const serving = await startServe(bench, { file, port })
    readyMs.push(serving.readyMs)
    await serving.stop()
  }
  bench.report.add({
    benchmark: 'restart',
    name: 'start of serve to ready',
    unit: 's',
    reached: (median(readyMs) ?? 0) / 1_000,
    asked: atMost(1),
  })
}

export async function startServe(bench: Bench, { file, port }: { file: string; port: number }): Promise<Serving> {
  const url = `http://127.0.0.1:${port}`
  const startedAt = performance.now()
  const child = spawn('node', [bench.launcher, 'serve', '--config', file], {
    env: bench.env,
    cwd: bench.folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-4_000)
  })
  const exited = once(child, 'exit')
  const peaks = { node: 0, git: 0 }
  const timer = setInterval(() => notePeaks(child.pid, peaks), 20)
  const stop = async () => {
    child.kill('SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), READY_LIMIT_MS)
    await exited
    clearTimeout(force)
    clearInterval(timer)
  }
  while (!(await isReady(url))) {
    if (child.exitCode === null && performance.now() - startedAt < READY_LIMIT_MS) continue
    await stop()
    throw new Error(`serve did not become ready: ${complaint}`)
  }
  return { url, readyMs: performance.now() - startedAt, peaks, stop }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1_000) })).status === 200
  } catch {
    // Nobody listens yet.
    await new Promise((resolve) => setTimeout(resolve, 5))
    return false
  }
}

export async function findFreePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
