import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import BetterSqlite3 from 'better-sqlite3'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { fastImport } from '../../src/sandbox/fast-import.ts'
import type { Project } from '../../src/sandbox/gitlab/model.ts'
import { createSandboxGitLab, type SandboxGitLab } from '../../src/sandbox/gitlab/sandbox-gitlab.ts'
import {
  createReceiverPlace,
  kill,
  readDeliveries,
  sendPush,
  sendUntil,
  startReceiver,
  type ReceiverPlace,
} from './test-webhook-run.ts'

/** Longest time between ready and the kill, so that kills hit receiving, following and synchronising alike. */
const LONGEST_MS = 600
const PATIENCE = { timeout: 60_000, interval: 100 }

export interface KillOutcome {
  /** Deliveries that were answered 202. */
  readonly answered: number
  /** … and are not in the database: must be none. */
  readonly lost: readonly string[]
  /** Rows of deliveries that are stored more than once: must be none. */
  readonly twice: number
  /** The first one sent again after the last restart. */
  readonly repeated: number | null
  /** Deliveries that were not followed. */
  readonly pending: number
  /** First lines of the stored commits. */
  readonly commits: readonly string[]
}

/** What a push of every round, and the one before them, leaves. */
export const pushedBy = (rounds: number): string[] =>
  Array.from({ length: rounds + 1 }, (_, round) => `SHOP-${round + 1} round ${round}`)

/** Kills the real program with SIGKILL again and again while webhooks arrive and the repository is pushed to. */
export async function killReceiver(rounds: number): Promise<KillOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-kill-webhooks-'))
  const gitlab = await createSandboxGitLab({
    folder: join(folder, 'gitlab'),
    clock: systemClock,
    env: process.env,
    log: silentLogger,
  })
  try {
    const { project, token } = await fill(gitlab)
    const place = await createReceiverPlace(join(folder, 'connector'), { url: gitlab.url, token })
    const accepted: string[] = []
    let unanswered = 0
    for (let round = 1; round <= rounds; round += 1) {
      const child = await startReceiver(place)
      await push(gitlab, project, round)
      const stop = new AbortController()
      const sending = sendUntil(place, { projectId: project.id, signal: stop.signal, prefix: `round-${round}` })
      await systemClock.sleep(20 + Math.random() * LONGEST_MS)
      await kill(child)
      stop.abort()
      const sent = await sending
      accepted.push(...sent.accepted)
      unanswered += sent.unanswered.length
    }
    console.log(`${rounds} kills: ${accepted.length} webhooks answered, ${unanswered} broken off`)
    return await settle(place, { accepted, rounds, projectId: project.id })
  } finally {
    await gitlab.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Starts it once more and lets it finish. */
async function settle(
  place: ReceiverPlace,
  { accepted, rounds, projectId }: { accepted: readonly string[]; rounds: number; projectId: number },
): Promise<KillOutcome> {
  const child = await startReceiver(place)
  const repeated = await sendPush(place.url, { id: accepted[0] ?? '', projectId })
  await expect.poll(() => readDeliveries(place), PATIENCE).toMatchObject({ pending: 0 })
  await expect.poll(() => readMessages(place), PATIENCE).toEqual(pushedBy(rounds))
  await kill(child)
  const { ids, pending } = readDeliveries(place)
  const stored = new Set(ids)
  return {
    answered: accepted.length,
    lost: accepted.filter((id) => !stored.has(id)),
    twice: ids.length - stored.size,
    repeated,
    pending,
    commits: readMessages(place),
  }
}

async function fill(gitlab: SandboxGitLab): Promise<{ project: Project; token: string }> {
  const maintainer = gitlab.addUser({ username: 'mia', name: 'Mia Lang' })
  const acme = gitlab.addGroup({ path: 'acme' })
  gitlab.addMember(acme, maintainer, 'maintainer')
  const project = await gitlab.addProject({ namespace: acme, path: 'shop' })
  await push(gitlab, project, 0)
  return { project, token: gitlab.createToken({ user: maintainer, scopes: ['api'] }).value }
}

/** A commit that GitLab has, and of which the webhooks of this round tell. */
async function push(gitlab: SandboxGitLab, project: Project, round: number): Promise<void> {
  const head = project.refs.get('refs/heads/main')
  await fastImport({
    folder: project.folder,
    env: process.env,
    entries: [
      {
        kind: 'commit',
        ref: 'refs/heads/main',
        mark: 1,
        parents: head === undefined ? [] : [head],
        author: { name: 'Ann Ember', email: 'ann@example.com' },
        authoredAt: new Date(Date.UTC(2024, 0, 1) + round * 60_000),
        message: `SHOP-${round + 1} round ${round}\n`,
      },
    ],
  })
  await gitlab.readRepository(project)
}

function readMessages({ databaseFile }: ReceiverPlace): string[] {
  const db = new BetterSqlite3(databaseFile, { readonly: true, fileMustExist: true })
  try {
    const rows = db.prepare('select message from commits order by authored_at').all() as { message: string }[]
    return rows.map(({ message }) => message)
  } finally {
    db.close()
  }
}
