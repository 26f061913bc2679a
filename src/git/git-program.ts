import { spawn, type ChildProcess } from 'node:child_process'
import { parse } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { GitRemote } from '../domain/git-remote.ts'
import { createConcurrencyGate } from '../lib/concurrency-gate.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import type { Logger } from '../lib/logger.ts'
import {
  getOrigin,
  listSecrets,
  localEnvironment,
  networkEnvironment,
  type GitNetwork,
  type GitSetting,
} from './git-environment.ts'
import { gitFailure } from './git-failure.ts'
import { collectMessages, type FetchProgress } from './git-messages.ts'
import { remoteFailure } from './remote-failure.ts'

export interface GitCommand {
  readonly args: readonly string[]
  /** What it is for, as the end of "Could not …". */
  readonly purpose: string
  /** The repository; null for commands without one. */
  readonly folder: string | null
  readonly signal?: AbortSignal | undefined
  /** Written to standard input. */
  readonly input?: Iterable<string | Buffer>
  readonly settings?: readonly GitSetting[]
  /** Allows the network, and makes this the remote `origin`; without it no transport is allowed. */
  readonly remote?: GitRemote
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined
}

export interface GitProgram {
  /** The version of the git program. Throws `git-missing` or `git-too-old`. */
  checkVersion(): Promise<string>
  /**
   * Runs a command and resolves to its output, at most 16 MiB. Commands with a remote wait for a place at its origin.
   */
  run(command: GitCommand): Promise<string>
  /**
   * Runs a command and yields its output as it comes, no faster than it is taken; leaving the loop ends git. Ending
   * normally means that git succeeded. Throws a `ConnectorError` (the codes of `remote-failure.ts`, `mirror-corrupt`,
   * `disk-full`, `ref-missing`, `git-missing`, `git-failed`) or the signal's reason.
   */
  stream(command: GitCommand): AsyncGenerator<Buffer, void, undefined>
}

export interface GitProgramOptions {
  readonly env: NodeJS.ProcessEnv
  readonly network: GitNetwork
  readonly log: Logger
  /** How many commands work with one remote's origin at once; default 4, as many as repositories are synchronised. */
  readonly commandsPerOrigin?: number
  /** Default: `git` on the PATH. */
  readonly binary?: string
}

/** Older ones ignore GIT_CONFIG_COUNT without a word: requests would go out without credentials. */
const OLDEST_VERSION = [2, 31] as const
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024
const KILL_AFTER_MS = 2000
/** Each makes the host pack objects, which costs it a processor: a few at once, however many repositories we work on. */
const COMMANDS_PER_ORIGIN = 4

/** The only place that starts git: without a shell, with an environment of our own, credentials in it and nowhere else. */
export function createGitProgram(options: GitProgramOptions): GitProgram {
  const { env, network, log, binary = 'git' } = options
  const gate = createConcurrencyGate(options.commandsPerOrigin ?? COMMANDS_PER_ORIGIN)

  async function* stream(command: GitCommand): AsyncGenerator<Buffer, void, undefined> {
    command.signal?.throwIfAborted()
    const running = start(command)
    const onAbort = () => running.kill()
    command.signal?.addEventListener('abort', onAbort, { once: true })
    try {
      for await (const chunk of running.output) yield chunk
      const failure = await running.finished
      command.signal?.throwIfAborted()
      if (failure !== null) throw failure
    } catch (error) {
      command.signal?.throwIfAborted()
      // Output that breaks off says less than how git ended.
      throw (await running.finished) ?? error
    } finally {
      command.signal?.removeEventListener('abort', onAbort)
      running.kill()
      await running.finished
    }
  }

  async function run(command: GitCommand): Promise<string> {
    if (command.remote === undefined) return collect(command)
    const signal = command.signal ?? new AbortController().signal
    return gate.run(getOrigin(command.remote), signal, () => collect(command))
  }

  async function collect(command: GitCommand): Promise<string> {
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of stream(command)) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > MAX_OUTPUT_BYTES) throw new Error(`git ${command.args[0]} wrote more than ${MAX_OUTPUT_BYTES} bytes`)
    }
    return Buffer.concat(chunks).toString('utf8')
  }

  function start(command: GitCommand): RunningGit {
    const { remote = null, folder, settings = [] } = command
    const surroundings = { env, folder, settings }
    const environment = remote === null ? localEnvironment(surroundings) : networkEnvironment(surroundings, remote, network)
    log.debug({ args: command.args, folder }, 'git started')
    const messages = collectMessages({ secrets: listSecrets(remote, network), onProgress: command.onProgress })
    return startGit({ binary, command, environment, messages })
  }

  return {
    stream,
    run,
    async checkVersion() {
      const text = await run({ args: ['version'], purpose: 'ask git for its version', folder: null })
      const version = /\d+\.\d+[.\d]*/.exec(text)?.[0] ?? '0.0'
      const [major = 0, minor = 0] = version.split('.').map(Number)
      if (major > OLDEST_VERSION[0] || (major === OLDEST_VERSION[0] && minor >= OLDEST_VERSION[1])) return version
      throw new ConnectorError('git-too-old', {
        userMessage: `The git program is version ${version}; 2.31 or newer is needed.`,
        remedy: 'Install a newer git on this machine, or put one first on the PATH.',
      })
    },
  }
}

interface RunningGit {
  readonly output: Readable
  /** Resolves when git and its children are gone: null after a success. */
  readonly finished: Promise<Error | null>
  kill(): void
}

interface StartOptions {
  readonly binary: string
  readonly command: GitCommand
  readonly environment: NodeJS.ProcessEnv
  readonly messages: ReturnType<typeof collectMessages>
}

function startGit({ binary, command, environment, messages }: StartOptions): RunningGit {
  const tracing = command.remote !== undefined
  const child = spawn(binary, [...command.args], {
    // A folder that exists in any case, so that ENOENT can only mean the program.
    cwd: parse(process.execPath).root,
    env: tracing ? { ...environment, GIT_TRACE_PACKET: '3' } : environment,
    stdio: ['pipe', 'pipe', 'pipe', tracing ? 'pipe' : 'ignore'],
    // A process group of its own, so that git-remote-https ends together with git.
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
  child.stderr?.on('data', (chunk: Buffer) => messages.write(chunk))
  const spokeGit = tracing ? sawHandshake(child) : () => true
  const fed = feed(child, command.input)
  const attempt = { purpose: command.purpose, url: command.remote?.url ?? null }
  const finished = endOf(child).then(async (end): Promise<Error | null> => {
    if (end instanceof Error) return startFailure(binary, end)
    const failure = gitFailure({ exitCode: end, lines: messages.end() }, attempt)
    if (failure !== null) return failure
    if (!spokeGit()) return remoteFailure('unexpected-answer', { purpose: attempt.purpose, url: attempt.url ?? '' }, '')
    return await fed
  })
  return { output: child.stdout ?? Readable.from([]), finished, kill: () => endGroup(child) }
}

/**
 * When an answer is not the Git protocol (a login page, a proxy's apology, nothing) git takes the address for a plain
 * folder of files, finds no refs there and reports success: `--prune` would delete every branch. There is no option
 * against it, so the packet trace must show that the other side spoke the protocol.
 */
function sawHandshake(child: ChildProcess): () => boolean {
  const trace = child.stdio[3]
  let head = ''
  let seen = false
  if (trace instanceof Readable) {
    trace.on('data', (chunk: Buffer) => {
      if (seen || head.length > 64 * 1024) return
      head += chunk.toString('latin1')
      seen = / packet: +\S+< (version [12]|# service=git-upload-pack)/.test(head)
    })
  }
  return () => seen
}

/** Writes the input. A git that ends before reading all of it breaks the pipe: its exit status tells why. */
async function feed(child: ChildProcess, input: Iterable<string | Buffer> = []): Promise<Error | null> {
  if (child.stdin === null) return null
  try {
    await pipeline(Readable.from(input), child.stdin)
    return null
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE' ? null : (error as Error)
  }
}

function endOf(child: ChildProcess): Promise<number | null | Error> {
  return new Promise((resolve) => {
    child.once('error', resolve)
    // A git that was killed may leave a helper behind that holds our pipes open.
    child.once('exit', (code) => (code === 0 ? undefined : signalGroup(child, 'SIGKILL')))
    child.once('close', (code) => resolve(code))
  })
}

/** Asks git to end, so that it removes its lock files, and insists after two seconds. */
function endGroup(child: ChildProcess): void {
  child.stdout?.destroy()
  if (child.exitCode !== null || child.signalCode !== null) return
  signalGroup(child, 'SIGTERM')
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), KILL_AFTER_MS)
  child.once('close', () => clearTimeout(timer))
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    if (process.platform === 'win32') child.kill(signal)
    else process.kill(-child.pid, signal)
  } catch (error) {
    // Already gone is what was wanted; macOS answers EPERM for a group of zombies.
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}

function startFailure(binary: string, cause: Error): ConnectorError {
  return new ConnectorError('git-missing', {
    userMessage: `The git program could not be started (${binary}).`,
    remedy: 'Install git 2.31 or newer on this machine and make sure that it is on the PATH of the service.',
    cause,
  })
}
