import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packageRoot } from '../src/lib/package-root.ts'

const LAUNCHER = join(packageRoot, 'tools/with-node.mjs')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-launcher-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function launch(...args: string[]): Promise<{ code: number | null; signal: string | null; output: string }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close') as Promise<[number | null, string | null]>
  const [out, err, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  return { code, signal, output: out + err }
}

test('runs a program on the Node.js that npm brought and ends with its exit code', async () => {
  const { code, output } = await launch(LAUNCHER, '-e', 'console.log(process.versions.node); process.exitCode = 7')

  expect(code).toBe(7)
  expect(output.trim()).toBe('26.10.0')
})

test('runs it also when the checkout is reached through a symbolic link', async () => {
  await symlink(packageRoot, join(folder, 'link'))

  const { output } = await launch(join(folder, 'link/tools/with-node.mjs'), '-e', 'console.log("ran")')

  expect(output).toBe('ran\n')
})

test('ends by the signal that ended the program', async () => {
  const { code, signal } = await launch(LAUNCHER, '-e', 'process.kill(process.pid, "SIGKILL")')

  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' })
})

test('hands a signal on to the program', async () => {
  const program = `process.on('SIGTERM', () => { console.log('asked to end'); process.exit(3) }); console.log('up'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, [LAUNCHER, '-e', program], { stdio: ['ignore', 'pipe', 'ignore'] })
  const closed = once(child, 'close')
  await once(child.stdout, 'data')

  child.kill('SIGTERM')

  expect(await text(child.stdout)).toContain('asked to end')
  expect(await closed).toEqual([3, null])
})

test('says what is missing when npm brought none and the own one is too old', async () => {
  await cp(LAUNCHER, join(folder, 'with-node.mjs'))
  const older = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { node: '20.20.2' } })`

  const { code, output } = await launch('--import', older, join(folder, 'with-node.mjs'), '-e', '0')

  expect(code).toBe(2)
  expect(output).toContain('Node.js 24 or later is needed')
})

test('what Node compiled is kept below the package, for threads as well, or where the user wants it', async () => {
  const copy = join(folder, 'package')
  for (const name of ['tools', 'src']) await mkdir(join(copy, name), { recursive: true })
  for (const name of ['jira-dvcs.mjs', 'with-node.mjs']) await cp(join(packageRoot, 'tools', name), join(copy, 'tools', name))
  const program = `import { getCompileCacheDir } from 'node:module'
    import { isMainThread, Worker } from 'node:worker_threads'
    console.log(getCompileCacheDir())
    if (isMainThread) new Worker(new URL(import.meta.url))`
  await writeFile(join(copy, 'src/main.ts'), program)
  const launcher = join(copy, 'tools/jira-dvcs.mjs')
  const ownChoice = `data:text/javascript,process.env.NODE_COMPILE_CACHE = ${JSON.stringify(join(folder, 'mine'))}`

  const usual = (await launch(launcher)).output.trim().split('\n')
  const own = (await launch('--import', ownChoice, launcher)).output.trim().split('\n')

  const below = (place: string) => expect.stringMatching(new RegExp(`^${place}/v`)) as string
  expect(usual).toEqual([below(join(copy, 'node_modules/.cache/jira-dvcs')), below(join(copy, 'node_modules/.cache/jira-dvcs'))])
  expect(own).toEqual([below(join(folder, 'mine')), below(join(folder, 'mine'))])
})
