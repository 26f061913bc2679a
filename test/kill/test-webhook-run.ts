import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { findNode } from '../../tools/with-node.mjs'
import { systemClock } from '../../src/lib/clock.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const SECRET = 'the-secret-of-the-kill-test'
const START_LIMIT_MS = 60_000
/** Webhooks on their way at the same time, as a busy host's. */
const SENDERS = 8

export interface ReceiverPlace {
  readonly configFile: string
  readonly databaseFile: string
  readonly url: string
}

export async function createReceiverPlace(
  folder: string,
  gitlab: { url: string; token: string },
  jira: { url: string; token: string } | null = null,
): Promise<ReceiverPlace> {
  await mkdir(folder, { recursive: true })
  const configFile = join(folder, 'connector.yaml')
  const listen = `127.0.0.1:${await findFreePort()}`
  const account = {
    id: 'acme',
    host: 'gitlab',
    url: gitlab.url,
    owner: 'acme',
    token: gitlab.token,
    webhooks: 'manual',
    webhookSecret: SECRET,
  }
  const connected = jira === null ? {} : { jira: { ...jira, webhooks: 'off', poll: 'off' } }
  const basics = { server: { listen }, dataDir: join(folder, 'data'), log: { level: 'error' } }
  const config = { ...basics, ...connected, accounts: [account] }
  await writeFile(configFile, JSON.stringify(config), { mode: 0o600 })
  return { configFile, databaseFile: join(folder, 'data', 'connector.sqlite'), url: `http://${listen}` }
}

/** Starts the real program, without a launcher between, and waits until it answers. */
export async function startReceiver({ configFile, url }: ReceiverPlace): Promise<ChildProcess> {
  const child = spawn(findNode() ?? process.execPath, [join(ROOT, 'src', 'main.ts'), 'serve', '--config', configFile], {
    cwd: ROOT,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const deadline = performance.now() + START_LIMIT_MS
  while (!(await isAnswering(url))) {
    if (child.exitCode !== null || performance.now() > deadline) throw new Error(`serve did not start: ${child.exitCode}`)
    await systemClock.sleep(20)
  }
  return child
}

async function isAnswering(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok
  } catch {
    return false
  }
}

export async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

/** What GitLab would know: the ids of deliveries that were answered 202, and of those that got no answer. */
export interface Sent {
  readonly accepted: string[]
  readonly unanswered: string[]
}

/** Sends push webhooks of a repository, several at once, until told to stop; refuses any other answer than 202. */
export async function sendUntil(
  { url }: ReceiverPlace,
  { projectId, signal, prefix }: { projectId: number; signal: AbortSignal; prefix: string },
): Promise<Sent> {
  const sent: Sent = { accepted: [], unanswered: [] }
  let count = 0
  const send = async () => {
    while (!signal.aborted) {
      const id = `${prefix}-${(count += 1)}`
      const status = await sendPush(url, { id, projectId })
      if (status === 202) sent.accepted.push(id)
      else if (status === null) sent.unanswered.push(id)
      else throw new Error(`delivery ${id} was answered ${status}`)
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, send))
  return sent
}

/** The status, or null when the connection broke. */
export async function sendPush(url: string, { id, projectId }: { id: string; projectId: number }): Promise<number | null> {
  try {
    const response = await fetch(`${url}/webhooks/acme`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-gitlab-token': SECRET,
        'x-gitlab-event': 'Push Hook',
        'idempotency-key': id,
      },
      body: JSON.stringify({ object_kind: 'push', event_name: 'push', project_id: projectId, commits: [] }),
    })
    await response.arrayBuffer()
    return response.status
  } catch {
    return null
  }
}

/** How often each delivery is stored, and those that were not followed. */
export function readDeliveries({ databaseFile }: ReceiverPlace): { ids: string[]; pending: number } {
  const db = new BetterSqlite3(databaseFile, { readonly: true, fileMustExist: true, timeout: 5_000 })
  try {
    const rows = db.prepare('select delivery_id, state from webhook_deliveries').all() as { delivery_id: string; state: string }[]
    return {
      ids: rows.map((row) => row.delivery_id),
      pending: rows.filter((row) => row.state !== 'done').length,
    }
  } finally {
    db.close()
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
