// Runs one PostgreSQL server and ends it when standard input closes, so that the server never outlives the process
// that wanted it, however that one ended. Arguments: folder to remove afterwards, user id, group id ('-' keeps ours),
// then the server's command line.
import { spawn } from 'node:child_process'
import { closeSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const [folder = '', uid = '-', gid = '-', command = '', ...args] = process.argv.slice(2)
const log = openSync(join(folder, 'server.log'), 'a')
const owner = uid === '-' ? {} : { uid: Number(uid), gid: Number(gid) }
const server = spawn(command, args, {
  cwd: folder,
  stdio: ['ignore', log, log],
  env: { LC_ALL: 'C', PATH: process.env.PATH },
  ...owner,
})
closeSync(log)

// SIGQUIT is PostgreSQL's immediate shutdown: nothing in the cluster is worth a checkpoint.
const stop = (): void => void server.kill('SIGQUIT')
process.stdin.on('end', stop).on('error', stop).resume()
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop)

server.on('error', () => (process.exitCode = 1))
server.on('close', (code) => {
  // While standard input is open the starter still reads the log, and removes the folder itself.
  if (process.stdin.readableEnded) rmSync(folder, { recursive: true, force: true })
  process.exit(code ?? 0)
})
