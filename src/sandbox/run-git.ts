import { execFile } from 'node:child_process'

/** Settings every sandbox command of git runs under: no hooks of a served repository, whoever owns it. */
const BASE_CONFIG: readonly (readonly [string, string])[] = [
  ['safe.directory', '*'],
  ['core.hooksPath', '/dev/null'],
]

export interface RunGitOptions {
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  readonly input?: string | Uint8Array
}

/**
 * An environment in which git reads neither the user's nor the system's configuration.
 * @param env where PATH is taken from
 * @param config extra settings as [key, value]
 */
export function sandboxGitEnvironment(
  env: NodeJS.ProcessEnv,
  config: readonly (readonly [string, string])[] = [],
): NodeJS.ProcessEnv {
  const settings = [...BASE_CONFIG, ...config]
  const environment: NodeJS.ProcessEnv = {
    PATH: env.PATH,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: String(settings.length),
  }
  for (const [index, [key, value]] of settings.entries()) {
    environment[`GIT_CONFIG_KEY_${index}`] = key
    environment[`GIT_CONFIG_VALUE_${index}`] = value
  }
  return environment
}

/** Runs one git command in a repository and resolves to its output without the final newline; rejects when it fails. */
export function runGit(args: readonly string[], { folder, env, input }: RunGitOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, env: sandboxGitEnvironment(env), maxBuffer: 256 * 1024 * 1024 }
    const child = execFile('git', [...args], options, (error, stdout) => {
      if (error === null) resolve(stdout.replace(/\n$/, ''))
      else reject(error)
    })
    child.stdin?.on('error', () => child.stdin?.destroy()) // a command that reads no input closes it; its exit code tells
    child.stdin?.end(input ?? '')
  })
}
