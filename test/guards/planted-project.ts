import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url))

const TIMEOUT_MS = 25_000

const CONFIGURATION = [
  '.dependency-cruiser.cjs',
  '.oxfmtrc.json',
  '.oxlintrc.json',
  'knip.json',
  'package.json',
  'tsconfig.base.json',
  'tsconfig.json',
  'web/tsconfig.json',
]

export interface PlantedProject extends AsyncDisposable {
  /** Runs a JavaScript or TypeScript program of the repository in the project; never rejects for its exit code. */
  run(program: string, ...args: string[]): Promise<{ readonly code: number; readonly output: string }>
}

/**
 * A small project in a temporary folder with the repository's own configuration of all tools, holding only the given
 * files (path → text), so that a guard can be seen to fail without touching the repository. Packages are the
 * repository's, or empty stand-ins of the given names. Removed on disposal.
 */
export async function plantProject(
  files: Readonly<Record<string, string>>,
  packages?: readonly string[],
): Promise<PlantedProject> {
  const folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-guard-'))
  for (const path of CONFIGURATION) await cp(join(repositoryRoot, path), join(folder, path))
  for (const [path, text] of Object.entries(files)) await plant(join(folder, path), text)
  if (packages === undefined) await symlink(join(repositoryRoot, 'node_modules'), join(folder, 'node_modules'))
  for (const name of packages ?? []) {
    await plant(join(folder, 'node_modules', name, 'package.json'), JSON.stringify({ name, main: 'dist/index.js' }))
    await plant(join(folder, 'node_modules', name, 'dist', 'index.js'), '')
  }
  return {
    run: (program, ...args) => runProgram(folder, [join(repositoryRoot, program), ...args]),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

async function plant(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}

function runProgram(cwd: string, args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd, maxBuffer: 2 ** 26, timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), output: stdout + stderr })
    })
  })
}
