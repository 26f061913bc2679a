import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { packageRoot } from '../lib/package-root.ts'

const LAUNCHER = join(packageRoot, 'tools', 'jira-dvcs.mjs')
const WITH_NODE = join(packageRoot, 'tools', 'with-node.mjs')

let folder = ''
let temporary = ''
const groups = new Set<number>()
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-stop-'))
  temporary = join(folder, 'tmp')
  await mkdir(temporary)
})
afterEach(async () => {
  for (const group of groups) signalGroup(group, 'SIGKILL')
  groups.clear()
  await rm(folder, { recursive: true, force: true })
})

type End = { readonly code: number | null; readonly signal: string | null }

/** Starts a command as a terminal or a service manager does: as the first of a process group. */
function startGroup(command: string, args: readonly string[]) {
  // What everything below makes on the side goes where it can be seen.
  const env = { ...process.env, TMPDIR: temporary }
  const child: ChildProcess = spawn(command, args, { cwd: packageRoot, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const group = child.pid ?? 0
  groups.add(group)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const exited = new Promise<End>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))
  // The pipes are open as long as any process of the group lives, npm's children too.
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return { child, output: () => text, exited, closed, stop: (signal: NodeJS.Signals) => signalGroup(group, signal) }
}

/** False when nobody of the group lives. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal)
  } catch (error) {
    expect(error).toMatchObject({ code: 'ESRCH' })
    return false
  }
}

describe.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s to the whole process group', (signal) => {
  it('ends serve with 0, its database closed', async () => {
    const file = join(folder, 'connector.yaml')
    await writeFile(file, 'server:\n  listen: 127.0.0.1:0\n  adminToken: test-administration\ndataDir: ./data\n')
    const serving = startGroup(process.execPath, [LAUNCHER, 'serve', '--config', file])
    await expect.poll(serving.output, { timeout: 30_000 }).toMatch(/The connector listens on http:/)

    serving.stop(signal)

    expect(await serving.exited).toEqual({ code: 0, signal: null })
    expect(serving.output()).toContain(`received ${signal}`)
    const left = await readdir(join(folder, 'data'))
    expect(left).toContain('connector.sqlite')
    for (const name of ['connector.sqlite-wal', 'connector.sqlite-shm', 'connector.sock']) expect(left).not.toContain(name)
  })
})

describe.each(['SIGTERM', 'SIGINT'] as const)('%s to the process group of the launcher', (signal) => {
  it('ends the demo while it makes its repositories, and removes its folder', async () => {
    const demo = startGroup(process.execPath, [LAUNCHER, 'demo'])
    await expect.poll(isMakingRepositories, { timeout: 30_000 }).toBe(true)

    demo.stop(signal)

    expect(await demo.exited).toEqual({ code: 1, signal: null })
    expect(demo.output()).toMatch(/Stopped before the end/)
    expect(demo.output()).not.toMatch(/ at .*\.ts:/)
    expect(await listMade()).toEqual([])
  })
})

/** What the demo made on the side; npm and Node.js keep things there, too. */
const listMade = async () => (await readdir(temporary)).filter((name) => name.startsWith('jira-dvcs'))

/** A repository of the demo is being filled. */
async function isMakingRepositories(): Promise<boolean> {
  const [demo] = await listMade()
  const projects = join(temporary, demo ?? 'none', 'gitlab')
  return existsSync(projects) && (await readdir(projects)).length > 0
}

describe('npm run demo', () => {
  it.each([
    ['SIGTERM', 'at work', /: history/],
    ['SIGINT', 'done', /Ctrl\+C ends the demo/],
  ] as const)(
    'leaves nothing after %s to the process group of npm, %s',
    async (signal, _when, shown) => {
      const demo = startGroup('npm', ['run', 'demo'])
      await expect.poll(demo.output, { timeout: 90_000 }).toMatch(shown)

      demo.stop(signal)

      await Promise.all([demo.exited, demo.closed])
      expect(await listMade()).toEqual([])
    },
    120_000,
  )
})

describe('a program that does not stop', () => {
  const module = JSON.stringify(pathToFileURL(join(packageRoot, 'src/cli/stop-signal.ts')).href)
  const stubborn = `
    const { createStopSignal } = await import(${module})
    const stop = createStopSignal({ monotonicMs: () => performance.now() })
    stop.addEventListener('abort', () => console.log('asked by ' + stop.reason.message))
    setInterval(() => undefined, 1_000)
    console.log('up')`

  it('takes what repeats the wish at once for the same wish, and a later signal for an order', async () => {
    const running = startGroup(process.execPath, [WITH_NODE, '--input-type=module', '-e', stubborn])
    await expect.poll(running.output, { timeout: 15_000 }).toContain('up')

    for (const signal of ['SIGTERM', 'SIGINT', 'SIGTERM'] as const) {
      running.stop(signal)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect(running.output()).toBe('up\nasked by received SIGTERM\n')
    expect(running.child.exitCode).toBeNull()
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    running.stop('SIGINT')

    expect(await running.exited).toEqual({ code: null, signal: 'SIGINT' })
  })
})
