import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { fastImport } from '../../src/sandbox/fast-import.ts'
import type { Project } from '../../src/sandbox/gitlab/model.ts'
import { createSandboxGitLab, type SandboxGitLab } from '../../src/sandbox/gitlab/sandbox-gitlab.ts'
import { createSandboxJira, type SandboxJira } from '../../src/sandbox/jira/sandbox-jira.ts'
import { createReceiverPlace, kill, sendPush, startReceiver, type ReceiverPlace } from './test-webhook-run.ts'

const KILLS = 6
const COMMITS_PER_ROUND = 3
/** One after the other they lead through the workflow, so that one that is made twice, or not at all, shows in the history. */
const TRANSITIONS = ['start-progress', 'start-review', 'resolve', 'reopen'] as const
const STATUSES = ['In Progress', 'In Review', 'Done', 'To Do'] as const
/** Long enough that kills hit requests to Jira, and the moments between them. */
const JIRA_MS = 40
const LONGEST_MS = 800
const LONGEST_COMMAND_MS = 600
const PATIENCE = { timeout: 90_000, interval: 100 }
const ANN = { name: 'Ann Ember', email: 'ann@example.com' }

let folder: string
let gitlab: SandboxGitLab
let jira: SandboxJira
let shop: Project
let place: ReceiverPlace
let written = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-kill-smart-'))
  const common = { clock: systemClock, log: silentLogger }
  gitlab = await createSandboxGitLab({ ...common, folder: join(folder, 'gitlab'), env: process.env })
  const bot = { name: 'bot', displayName: 'Bot', emailAddress: 'bot@example.com', administrator: true }
  const ann = { name: 'ann', displayName: ANN.name, emailAddress: ANN.email }
  jira = await createSandboxJira({ ...common, users: [{ ...bot, tokens: [{ token: 'jira-token' }] }, ann] })
  jira.world.addProject({ key: 'SHOP', name: 'Shop' })
  jira.world.seedIssues('SHOP', 3)
  Object.assign(jira.world.findIssue('SHOP-1') ?? {}, { status: 'To Do' })
  const maintainer = gitlab.addUser({ username: 'mia', name: 'Mia Lang' })
  const acme = gitlab.addGroup({ path: 'acme' })
  gitlab.addMember(acme, maintainer, 'maintainer')
  shop = await gitlab.addProject({ namespace: acme, path: 'shop' })
  await push(['begin'])
  const token = gitlab.createToken({ user: maintainer, scopes: ['api'] }).value
  const connected = { url: jira.url, token: 'jira-token' }
  place = await createReceiverPlace(join(folder, 'connector'), { url: gitlab.url, token }, connected)
})
afterAll(async () => {
  await gitlab.close()
  await jira.close()
  await rm(folder, { recursive: true, force: true })
})

async function push(messages: readonly string[]): Promise<void> {
  const head = shop.refs.get('refs/heads/main')
  const start = Date.now()
  await fastImport({
    folder: shop.folder,
    env: process.env,
    entries: messages.map((message, index) => ({
      kind: 'commit' as const,
      ref: 'refs/heads/main',
      mark: index + 1,
      parents: index > 0 ? [index] : head === undefined ? [] : [head],
      author: ANN,
      authoredAt: new Date(start),
      message: `${message}\n`,
    })),
  })
  await gitlab.readRepository(shop)
}

/** Each with all three kinds of commands; the transition has a comment of its own. */
function nextMessages(): string[] {
  return Array.from({ length: COMMITS_PER_ROUND }, () => {
    const transition = TRANSITIONS[written % TRANSITIONS.length]
    written += 1
    return `SHOP-1 #comment number ${written} #time ${written}m worked ${written} #${transition} moved ${written}`
  })
}

/** What became of the issue, each list oldest first and without what the connector adds. */
function readIssue() {
  const issue = jira.world.findIssue('SHOP-1')
  const firstLine = (text: string) => text.split('\n', 1).join('')
  return {
    comments: (issue?.comments ?? []).map(({ body }) => firstLine(body)),
    worklogs: (issue?.worklogs ?? []).map(({ comment, timeSpentSeconds }) => `${timeSpentSeconds / 60}m ${firstLine(comment)}`),
    statuses: (issue?.history ?? []).flatMap(({ items }) => items.flatMap((item) => (item.field === 'status' ? [item.to] : []))),
  }
}

function readStates(): { branches: number; waiting: number; executing: number; total: number } {
  const db = new BetterSqlite3(place.databaseFile, { readonly: true, fileMustExist: true, timeout: 5_000 })
  try {
    const count = (sql: string) => (db.prepare(sql).get() as { n: number }).n
    return {
      branches: count('select count(*) as n from branches'),
      waiting: count(`select count(*) as n from smart_commits where state in ('found', 'executing')`),
      executing: count(`select count(*) as n from smart_commit_actions where state = 'executing'`),
      total: count('select count(*) as n from smart_commits'),
    }
  } finally {
    db.close()
  }
}

test('whenever the program is killed, every command is executed once, and in order', async () => {
  let child = await startReceiver(place)
  await expect.poll(() => readStates().branches, PATIENCE).toBe(1)
  jira.setLatency(JIRA_MS)
  const hit: string[] = []
  for (let round = 1; round <= KILLS; round++) {
    await push(nextMessages())
    await sendPush(place.url, { id: `round-${round}`, projectId: shop.id })
    // Every other time while one is executed: at a request to Jira, or between two.
    const within = round % 2 === 0
    const isWithin = ({ total, executing }: ReturnType<typeof readStates>) => total === written && executing > 0
    if (within) await expect.poll(() => isWithin(readStates()), { ...PATIENCE, interval: 5 }).toBe(true)
    await systemClock.sleep(Math.random() * (within ? LONGEST_COMMAND_MS : LONGEST_MS))
    await kill(child)
    const { waiting, executing } = readStates()
    hit.push(`${waiting}/${executing}`)
    child = await startReceiver(place)
  }

  await sendPush(place.url, { id: 'last', projectId: shop.id })
  await expect.poll(readStates, PATIENCE).toEqual({ branches: 1, waiting: 0, executing: 0, total: written })
  await kill(child)

  const numbers = Array.from({ length: written }, (_, index) => index + 1)
  expect(readIssue()).toEqual({
    comments: numbers.flatMap((number) => [`number ${number}`, `moved ${number}`]),
    worklogs: numbers.map((number) => `${number}m worked ${number}`),
    statuses: numbers.map((number) => STATUSES[(number - 1) % STATUSES.length]),
  })
  console.log(`${KILLS} kills with ${hit.join(', ')} smart commits waiting/executing`)
}, 240_000)
