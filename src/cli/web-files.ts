import { spawn } from 'node:child_process'
import { existsSync, globSync, statSync } from 'node:fs'
import { mkdtemp, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot } from '../lib/package-root.ts'
import type { Logger } from '../lib/logger.ts'

/** Where the web interface lies, built. */
export const WEB_FOLDER = join(packageRoot, 'dist', 'web')

const SOURCES = ['web/**/*', 'src/contract/**/*.ts', 'docs/*.md', 'package-lock.json']
const VITE = join(packageRoot, 'node_modules', 'vite', 'bin', 'vite.js')

/**
 * Builds the web interface where the connector runs from its sources and they are newer than what was built; 3 s. A
 * published package brings it along. Never rejects: without it the connector still does its work.
 */
export async function ensureWebInterface(log: Logger, signal: AbortSignal): Promise<void> {
  if (!isStale()) return
  await mkdir(join(packageRoot, 'dist'), { recursive: true })
  const made = await mkdtemp(join(packageRoot, 'dist', '.web-'))
  try {
    await runVite(made, signal)
    await rm(WEB_FOLDER, { recursive: true, force: true })
    await rename(made, WEB_FOLDER)
    log.debug({}, 'web interface built')
  } catch (error) {
    await rm(made, { recursive: true, force: true })
    // The pages say it themselves; everything else works. Another process that builds it too may have been faster.
    if (!signal.aborted && isStale()) log.error({ error }, 'web interface not built')
  }
}

function isStale(): boolean {
  if (!existsSync(join(packageRoot, 'web', 'index.html')) || !existsSync(VITE)) return false
  const built = statSync(join(WEB_FOLDER, 'index.html'), { throwIfNoEntry: false })
  if (built === undefined) return true
  const paths = globSync(SOURCES, { cwd: packageRoot })
  return paths.some((path) => (statSync(join(packageRoot, path), { throwIfNoEntry: false })?.mtimeMs ?? 0) > built.mtimeMs)
}

function runVite(folder: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const args = [VITE, 'build', '--config', join('web', 'vite.config.mts'), '--outDir', folder, '--logLevel', 'error']
    const child = spawn(process.execPath, args, {
      cwd: packageRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      // A process group of its own: Ctrl+C in a terminal is for us, who end it and remove what it made.
      detached: process.platform !== 'win32',
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
    child.once('error', reject)
    child.once('exit', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`Building the web interface ended with ${code}: ${said.slice(-2_000)}`))
    })
  })
}
