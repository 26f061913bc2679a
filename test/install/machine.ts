import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** What a fresh machine has besides node, npm and git. No compiler, no Python, no make. */
const CORE_UTILITIES = (
  'sh basename cat chmod cp cut date dirname echo env expr false head id ln ls mkdir mktemp mv nproc printf pwd ' +
  'readlink realpath rm rmdir sleep sort stat tail tee test touch tr true uname uniq wc whoami'
).split(' ')
const LIMITS = { timeout: 180_000, maxBuffer: 2 ** 26 }

/** A stand-in for a fresh machine: an empty home, an empty npm cache, and a PATH that holds only what was named. */
export interface FreshMachine {
  readonly folder: string
  /** Adds a PATH with this npm; returns its folder. */
  addPath(name: string, npm: string): Promise<string>
  /** Runs a program of that PATH; gives its output, and throws an error with all of it when it fails. */
  run(program: string, args: readonly string[], where: Where): Promise<string>
  /** Starts a program of that PATH that goes on until it is told to end; its errors are shown. */
  start(program: string, args: readonly string[], where: Where): ChildProcess
  remove(): Promise<void>
}

export interface Where {
  readonly path: string
  readonly cwd: string
  readonly user?: User | undefined
}

export interface User {
  readonly uid: number
  readonly gid: number
}

export async function createFreshMachine(): Promise<FreshMachine> {
  const folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-install-'))
  await chmod(folder, 0o755)
  for (const name of ['home', 'cache']) await mkdir(join(folder, name))
  const network = await readNetwork()
  const toEnvironment = (path: string) => ({
    PATH: path,
    HOME: join(folder, 'home'),
    npm_config_cache: join(folder, 'cache'),
    ...network,
  })
  return {
    folder,
    async addPath(name, npm) {
      const path = join(folder, name)
      await mkdir(path)
      for (const program of [...CORE_UTILITIES, 'git']) await symlink(findProgram(program), join(path, program))
      await symlink(await realpath(findMachineNode()), join(path, 'node'))
      await symlink(await realpath(npm), join(path, 'npm'))
      return path
    },
    run(program, args, { path, cwd, user }) {
      return execute(join(path, program), args, { cwd, env: toEnvironment(path), ...user, ...LIMITS })
    },
    start(program, args, { path, cwd, user }) {
      return spawn(join(path, program), args, { cwd, env: toEnvironment(path), ...user, stdio: ['ignore', 'ignore', 'inherit'] })
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** The npm of this machine, as a path. */
export function findMachineNpm(): string {
  return findProgram('npm')
}

/** Somebody without rights: `nobody` when we are root, else ourselves (undefined). */
export async function findUnprivilegedUser(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((entry) => entry.startsWith('nobody:'))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}

/** The Node.js that runs npm here, not the newer one that this project brings along. */
function findMachineNode(): string {
  return process.env.npm_node_execpath ?? findProgram('node')
}

function findProgram(name: string): string {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'))
  const found = folders.map((folder) => join(folder, name)).find(isExecutable)
  if (found === undefined) throw new Error(`${name} is not on the PATH of this machine`)
  return found
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false // Not there, or not for us: the next folder is tried.
  }
}

/** How this machine reaches the npm registry: nothing else of its configuration goes along. */
async function readNetwork(): Promise<Record<string, string>> {
  const configuration = JSON.parse(
    await execute(findProgram('npm'), ['config', 'list', '--json'], { cwd: tmpdir(), env: process.env, ...LIMITS }),
  ) as Record<string, unknown>
  const npm = ['registry', 'cafile', 'proxy', 'https-proxy', 'noproxy'].map((name) => [
    `npm_config_${name.replace('-', '_')}`,
    configuration[name],
  ])
  const machine = Object.entries(process.env).filter(([name]) =>
    /^(https?_proxy|no_proxy|node_extra_ca_certs|ssl_cert_file)$/i.test(name),
  )
  const set = [...npm, ...machine].filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '')
  return Object.fromEntries(set)
}

interface Execution {
  readonly cwd: string
  readonly env: Record<string, string | undefined>
  readonly uid?: number
  readonly gid?: number
  readonly timeout: number
  readonly maxBuffer: number
}

function execute(program: string, args: readonly string[], options: Execution): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${program} ${args.join(' ')} failed (${String(error.code ?? error.signal)})\n${stdout}${stderr}`))
    }).stdin?.end()
  })
}
