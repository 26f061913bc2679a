import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { constants } from 'node:os'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable, Writable } from 'node:stream'
import { sandboxGitEnvironment } from './run-git.ts'

export interface ServeGitOptions {
  /** The repository to serve: a bare repository or a `.git` folder. */
  readonly repositoryFolder: string
  /** What follows the repository in the address: `/info/refs`, `/git-upload-pack`, `/git-receive-pack`, … */
  readonly pathInfo: string
  /** Query string without the question mark. */
  readonly query: string
  readonly remoteUser: string | null
  readonly allowPush: boolean
  /** Environment of this process: only what finds programs is handed on. */
  readonly env: NodeJS.ProcessEnv
  /** Whether partial clones are offered, as GitLab does; false: the server does not advertise `filter`. */
  readonly filter: boolean
}

export interface ServedGit {
  /** A push ran to its end. Single refs may still have been refused: compare refs to know. */
  readonly pushed: boolean
  /** Exit code of `git http-backend`; null when it was killed because the client left. */
  readonly exitCode: number | null
}

type Backend = ChildProcessByStdio<Writable, Readable, Readable>

/** Longest head `git http-backend` may answer, in bytes; its real ones are about 200. */
const MAX_HEAD_BYTES = 16 * 1024

/**
 * Serves one Git request by running `git http-backend` as a CGI program, streaming both ways. Authorisation is the
 * caller's: every request that gets here is served. Resolves when the answer is complete or the client is gone;
 * rejects when the program cannot be started or answers no HTTP head (the client then got a 500).
 */
export async function serveGit(request: IncomingMessage, response: ServerResponse, options: ServeGitOptions): Promise<ServedGit> {
  // Its own process group: http-backend starts upload-pack, which starts pack-objects; all must end together.
  const backend: Backend = spawn('git', ['http-backend'], {
    env: cgiEnvironment(request, options),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  // 'close' also follows a finished answer, when the program is just ending by itself.
  const onClose = () => {
    if (!response.writableFinished) killGroup(backend)
  }
  response.once('close', onClose)
  try {
    sendBody(request, backend)
    const [exitCode, complaint, answered] = await Promise.all([exitOf(backend), textOf(backend.stderr), relay(backend, response)])
    if (!answered && !response.destroyed)
      throw new Error(`git http-backend answered no HTTP head (exit ${exitCode}): ${complaint}`)
    const isPush = options.pathInfo === '/git-receive-pack' && request.method === 'POST'
    return { pushed: isPush && exitCode === 0 && response.statusCode === 200, exitCode }
  } catch (error) {
    if (!response.headersSent) response.writeHead(500)
    response.end()
    throw error
  } finally {
    response.off('close', onClose)
    request.unpipe(backend.stdin)
    request.resume()
  }
}

function cgiEnvironment(request: IncomingMessage, options: ServeGitOptions): NodeJS.ProcessEnv {
  const config: [string, string][] = [
    ['receive.autogc', 'false'],
    ['http.receivepack', String(options.allowPush)],
    ['uploadpack.allowFilter', String(options.filter)],
    ['uploadpack.allowAnySHA1InWant', String(options.filter)],
  ]
  return {
    ...sandboxGitEnvironment(options.env, config),
    GIT_HTTP_EXPORT_ALL: '1',
    GATEWAY_INTERFACE: 'CGI/1.1',
    SERVER_PROTOCOL: 'HTTP/1.1',
    PATH_INFO: options.pathInfo,
    PATH_TRANSLATED: options.repositoryFolder + options.pathInfo,
    QUERY_STRING: options.query,
    REQUEST_METHOD: request.method,
    REMOTE_ADDR: request.socket.remoteAddress,
    REMOTE_USER: options.remoteUser ?? undefined,
    CONTENT_TYPE: request.headers['content-type'],
    CONTENT_LENGTH: request.headers['content-length'],
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
    GIT_PROTOCOL: headerText(request.headers['git-protocol']),
  }
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(':') : value
}

function sendBody(request: IncomingMessage, backend: Backend): void {
  // The program may end without reading everything (a refused push): a broken pipe is then expected, its exit code tells.
  backend.stdin.on('error', () => request.unpipe(backend.stdin))
  request.pipe(backend.stdin)
}

/** Turns the CGI head into an HTTP head and streams the body. False when no head came. */
async function relay(backend: Backend, response: ServerResponse): Promise<boolean> {
  let head: Buffer | null = Buffer.alloc(0)
  for await (const chunk of backend.stdout as AsyncIterable<Buffer>) {
    let body = chunk
    if (head !== null) {
      head = Buffer.concat([head, chunk])
      const end = head.indexOf('\r\n\r\n')
      if (end === -1) {
        if (head.length > MAX_HEAD_BYTES) return false
        continue
      }
      writeHead(response, head.toString('latin1', 0, end))
      body = head.subarray(end + 4)
      head = null
    }
    if (!response.destroyed && !response.write(body)) await drained(response)
  }
  if (head === null) response.end()
  return head === null
}

function writeHead(response: ServerResponse, head: string): void {
  let status = 200
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon)
    const value = line.slice(colon + 1).trim()
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10)
    else if (colon > 0) response.setHeader(name, value)
  }
  response.writeHead(status)
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.once('drain', done)
    response.once('close', done)
    if (response.destroyed) done()
  })
}

function exitOf(backend: Backend): Promise<number | null> {
  return new Promise((resolve, reject) => {
    backend.once('error', reject)
    backend.once('close', (code) => resolve(code))
  })
}

/** The first kilobytes of what the program complained about; the rest is read and dropped. */
async function textOf(stream: Readable): Promise<string> {
  let text = ''
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (text.length < 4096) text += chunk.toString('utf8')
  }
  return text.trim()
}

function killGroup(backend: Backend): void {
  if (backend.pid === undefined || backend.exitCode !== null) return
  try {
    process.kill(-backend.pid, constants.signals.SIGKILL)
  } catch (error) {
    // Already gone is what was wanted; macOS answers EPERM for a group of zombies.
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}
