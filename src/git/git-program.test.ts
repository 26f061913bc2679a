import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { silentLogger } from '../lib/logger.ts'
import { createGitProgram, type GitProgram } from './git-program.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'git-program-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const real = createGitProgram({ env: process.env, network: {}, log: silentLogger })

async function script(text: string): Promise<string> {
  const binary = join(folder, 'git')
  await writeFile(binary, `#!/bin/sh\n${text}\n`)
  await chmod(binary, 0o755)
  return binary
}

/** A git program of our own making. */
async function pretend(text: string): Promise<GitProgram> {
  return createGitProgram({
    env: { ...process.env, GIT_TRACE: '1', SECRET_TOKEN: 'secret', HOME: folder },
    network: {},
    log: silentLogger,
    binary: await script(text),
  })
}
const run = (git: GitProgram, more = {}) => git.run({ args: ['test'], purpose: 'test', folder: null, ...more })

it('knows its version', async () => {
  expect(await real.checkVersion()).toMatch(/^\d+\.\d+/)
  expect(await (await pretend('echo "git version 2.31.0 (Apple Git-154)"')).checkVersion()).toBe('2.31.0')
  expect(await (await pretend('echo "git version 3.0.windows.1"')).checkVersion()).toBe('3.0.')
})

it('refuses versions that would send requests without credentials', async () => {
  const git = await pretend('echo "git version 2.30.9"')

  await expect(git.checkVersion()).rejects.toMatchObject({ code: 'git-too-old', userMessage: expect.stringContaining('2.30.9') })
})

it('says that git is missing', async () => {
  const absent = createGitProgram({ env: process.env, network: {}, log: silentLogger, binary: join(folder, 'absent') })
  const pathless = createGitProgram({ env: { PATH: folder }, network: {}, log: silentLogger })

  await expect(absent.checkVersion()).rejects.toMatchObject({ code: 'git-missing' })
  await expect(pathless.checkVersion()).rejects.toMatchObject({
    code: 'git-missing',
    remedy: expect.stringContaining('Install git'),
  })
})

it('hands on nothing of the environment but what finds programs', async () => {
  const git = await pretend('env')

  const names = (await run(git)).split('\n').map((line) => line.split('=', 1)[0])

  expect(names).not.toContain('SECRET_TOKEN')
  expect(names).not.toContain('GIT_TRACE')
  expect(await run(git)).toMatch(/^GIT_ALLOW_PROTOCOL=none$/m)
  expect(await run(git)).toMatch(/^HOME=\/dev\/null$/m)
})

it('allows network and credentials only to commands with a remote, bound to its origin', async () => {
  const remote = { url: 'https://git.example.com:8443/root/a/b.git', authorization: 'Bearer abcdef' }
  const git = await pretend('env; if [ -n "$GIT_TRACE_PACKET" ]; then echo " packet:          git< version 2" >&3; fi')

  const environment = await run(git, { remote })

  expect(environment).toMatch(/^GIT_ALLOW_PROTOCOL=http:https$/m)
  expect(environment).toMatch(/^GIT_CONFIG_KEY_\d+=http\.https:\/\/git\.example\.com:8443\/\.extraHeader$/m)
  expect(environment).toMatch(/^GIT_CONFIG_VALUE_\d+=Authorization: Bearer abcdef$/m)
  expect(await run(git)).not.toContain('abcdef')
  const failing = await pretend('env >&2; exit 1')
  await expect(run(failing, { remote })).rejects.toMatchObject({ message: expect.not.stringContaining('abcdef') })
})

it.each([
  ['fatal: not a git repository: x', 128, 'mirror-corrupt'],
  ['error: object file x is empty', 128, 'mirror-corrupt'],
  ['fatal: loose object 1 (stored in x) is corrupt', 128, 'mirror-corrupt'],
  ['fatal: write error: No space left on device', 128, 'disk-full'],
  ['error: RPC failed; curl 23 Failure writing output\nfatal: write error: No space left on device', 128, 'disk-full'],
  ['fatal: write error: File too large', 128, 'disk-full'],
  ['remote: fatal: write error: No space left on device\nfatal: the remote end hung up unexpectedly', 128, 'git-failed'],
  ['warning: ignoring broken ref refs/heads/main', 0, 'mirror-corrupt'],
  ['error: refs/heads/x does not point to a valid object!', 0, 'mirror-corrupt'],
  ['error: something new', 0, 'mirror-corrupt'],
  ["fatal: unable to find remote helper for 'https'", 128, 'git-failed'],
  ['fatal: something new', 128, 'git-failed'],
])('takes %j with exit status %i for %s', async (text, status, code) => {
  const git = await pretend(`echo "${text}" >&2; exit ${status}`)

  await expect(run(git)).rejects.toMatchObject({ code, remedy: expect.any(String) })
})

it('keeps few words of a git that says a lot, and the last ones', async () => {
  const git = await pretend(
    'i=0; while [ $i -lt 2000 ]; do echo "warning: chatter $i" >&2; i=$((i+1)); done; printf "fatal: the \\033[31mreason%01000d" 1 >&2; exit 128',
  )

  const error: Error = await run(git).then(
    () => new Error('no error'),
    (reason: Error) => reason,
  )

  expect(error.message).toMatch(/the +\[31mreason/)
  expect(error.message.length).toBeLessThan(500)
})

it('reports a git that was killed', async () => {
  const git = await pretend('kill -9 $$')

  await expect(run(git)).rejects.toMatchObject({
    code: 'git-failed',
    retryable: true,
    userMessage: expect.stringContaining('killed'),
  })
})

it('ends the whole family of processes when aborted', async () => {
  const git = await pretend('sleep 30 & echo $!; sleep 30')
  const controller = new AbortController()
  let child = 0

  const reading = (async () => {
    for await (const chunk of git.stream({ args: [], purpose: 'test', folder: null, signal: controller.signal })) {
      child = Number(chunk.toString())
      controller.abort(new Error('stop now'))
    }
  })()

  await expect(reading).rejects.toThrow('stop now')
  await expect.poll(() => isRunning(child)).toBe(false)
})

it('insists when git does not listen', async () => {
  const git = await pretend('trap "" TERM; echo ready; while :; do sleep 1; done')
  const controller = new AbortController()

  const reading = (async () => {
    for await (const _ of git.stream({ args: [], purpose: 'test', folder: null, signal: controller.signal }))
      controller.abort(new Error('stop now'))
  })()

  await expect(reading).rejects.toThrow('stop now')
})

it('does not start for a signal that is aborted already', async () => {
  await expect(run(real, { signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late')
})

it('does not mind a git that ends before reading its input', async () => {
  const git = await pretend('exit 0')

  expect(await run(git, { input: Array.from({ length: 1000 }, () => 'x'.repeat(10_000)) })).toBe('')
})

/** False also for a process that has ended and that nobody has asked for its exit status yet. */
async function isRunning(id: number): Promise<boolean> {
  const status = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => ') Z')
  return !/\) Z/.test(status)
}

it('works with one origin by a few commands at once, with others beside', async () => {
  const git = createGitProgram({
    env: process.env,
    network: {},
    log: silentLogger,
    commandsPerOrigin: 2,
    binary: await script(
      `touch "${folder}/begun.$$"; while [ ! -e "${folder}/go" ]; do sleep 0.05; done; echo " packet: git< version 2" >&3`,
    ),
  })
  const begun = async () => (await readdir(folder)).filter((name) => name.startsWith('begun')).length
  const at = (url: string, signal?: AbortSignal) => run(git, { remote: { url, authorization: null }, signal })
  const all = Array.from({ length: 4 }, (_, number) => at(`https://git.example.com/${number}.git`))
  await expect.poll(begun, { timeout: 20_000 }).toBe(2)

  all.push(at('https://other.example.com/1.git'))
  await expect.poll(begun, { timeout: 20_000 }).toBe(3)
  // Whoever waits for a place can be cancelled at once.
  const cancel = new AbortController()
  const waiting = at('https://git.example.com/9.git', cancel.signal)
  cancel.abort(new Error('cancelled'))
  await expect(waiting).rejects.toThrow('cancelled')

  await writeFile(join(folder, 'go'), '')
  await Promise.all(all)
  expect(await begun()).toBe(5)
})
