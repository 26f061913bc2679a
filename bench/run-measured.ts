import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Measured {
  readonly seconds: number
  /** Computing time of all its processes: the figure that other work on the machine does not touch. Null without /proc. */
  readonly cpuSeconds: number | null
  /** Highest VmHWM of a single process, in MiB, by kind; null where there is no /proc. */
  readonly nodeMiB: number | null
  readonly gitMiB: number | null
}

export interface MeasuredCommand {
  readonly command: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
}

/** VmHWM only grows, so what is missed is the growth of a process's last milliseconds. */
const LOOK_EVERY_MS = 10
const LONGEST_MS = 30 * 60_000

/** Runs a program to its end, its output thrown away, and measures it with its children. Rejects when it fails. */
export async function runMeasured({ command, args, env, cwd }: MeasuredCommand): Promise<Measured> {
  const peaks = { node: 0, git: 0 }
  const cpuBefore = readChildrenCpu()
  const startedAt = performance.now()
  const child = spawn(command, [...args], { env, cwd, stdio: ['ignore', 'ignore', 'pipe'], timeout: LONGEST_MS })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-4_000)
  })
  const timer = setInterval(() => notePeaks(child.pid, peaks), LOOK_EVERY_MS)
  try {
    const [code, seconds] = await new Promise<[number | null, number]>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (exitCode) => resolve([exitCode, (performance.now() - startedAt) / 1_000]))
    })
    if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${complaint}`)
    const cpuAfter = readChildrenCpu()
    const cpuSeconds = cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore
    return { seconds, cpuSeconds, nodeMiB: toMiB(peaks.node), gitMiB: toMiB(peaks.git) }
  } finally {
    clearInterval(timer)
  }
}

/** Linux counts in hundredths of a second whatever its kernel does. */
const TICKS_PER_SECOND = 100

/** Seconds that ended children of this process, and theirs, have computed: `cutime` and `cstime` of proc(5). */
function readChildrenCpu(): number | null {
  const fields = readProc('/proc/self/stat')
    ?.replace(/^.*\) /s, '')
    .split(' ')
  return fields === undefined ? null : (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND
}

const toMiB = (kib: number) => (kib === 0 ? null : Math.round(kib / 1024))

/** Notes the VmHWM in KiB of a process and of its children, which git starts from its main thread. */
export function notePeaks(pid: number | undefined, peaks: { node: number; git: number }): void {
  if (pid === undefined) return
  const status = readProc(`/proc/${pid}/status`)
  if (status === null) return
  const peak = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0)
  const kind = /^Name:\s+git/m.test(status) ? 'git' : 'node'
  peaks[kind] = Math.max(peaks[kind], peak)
  for (const child of (readProc(`/proc/${pid}/task/${pid}/children`) ?? '').split(' '))
    if (child !== '') notePeaks(Number(child), peaks)
}

/** null: it has ended meanwhile, or this system has no /proc. */
function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return null
    throw error
  }
}
