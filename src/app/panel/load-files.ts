import {
  countFilesLoaded,
  forgetRefusedFiles,
  listCommitsWithoutFiles,
  listIssuesWithoutFiles,
  markFilesLoaded,
  saveCommitFiles,
  type CommitFiles,
  type CommitWithoutFiles,
  type IssueWithoutFiles,
} from '../../db/stores/commit-files.ts'
import { markIssuesDirty } from '../../db/stores/issues.ts'
import { findSetting, saveSetting } from '../../db/stores/settings.ts'
import type { Tx } from '../../db/database.ts'
import type { AccountId } from '../../domain/ids.ts'
import { toProblem } from '../../domain/problem.ts'
import type { HostConnection } from '../../hosts/types.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { writeChanges } from '../sync/sync-run.ts'
import { fetchFiles } from './commit-files.ts'

const HOUR_MS = 60 * 60_000
/** A token gets rights, and a host finds what it did not have: the answer that there are no files holds for so long. */
const REFUSED_FOR_MS = 24 * HOUR_MS
const REFUSED_PER_RUN = 500
/** What the panel shows of an issue. */
const COMMITS_PER_ISSUE = 100
const ISSUES_PER_PAGE = 50
/** A run ends and another one begins with what is the newest then. */
const ISSUES_PER_RUN = 1_000
const PAUSE_MS = 5 * 60_000
/** What is left of the host's rate limit below this belongs to synchronisation and to people. */
const LEAST_LEFT = 0.25

/** Whether an account may be asked, in one run. */
interface Gate {
  connection: HostConnection | null
  left: number
}

type Gates = Map<AccountId, Gate>

/**
 * Loads the files of commits of issues that Jira has, newest issues first, as many an hour and account as the option
 * `panel.filesPerHour` allows and while a quarter of the host's rate limit is left. What one account's host refuses does
 * not stop the others.
 */
export async function loadFiles(app: AppContext, signal: AbortSignal): Promise<void> {
  if (app.settings.panel.filesPerHour === 0) return
  await app.db.write('background', (tx) => forgetRefused(app, tx))
  const gates: Gates = new Map()
  let after: IssueWithoutFiles | null = null
  for (let seen = 0; seen < ISSUES_PER_RUN; seen += ISSUES_PER_PAGE) {
    const issues = await listIssuesWithoutFiles(app.db.read, { after, limit: ISSUES_PER_PAGE })
    for (const issue of issues) await loadFilesOfIssue(app, { issue, gates }, signal)
    after = issues.at(-1) ?? null
    if (issues.length < ISSUES_PER_PAGE) break
  }
}

async function forgetRefused(app: AppContext, tx: Tx): Promise<void> {
  const from = Number((await findSetting(tx, 'files.refused-forgotten-to')) ?? 0)
  const until = app.clock.now().getTime() - REFUSED_FOR_MS
  if (until <= from) return
  const forgotten = await forgetRefusedFiles(tx, { from, until, limit: REFUSED_PER_RUN })
  await saveSetting(tx, 'files.refused-forgotten-to', String(forgotten))
}

/** The next run. */
export async function planFiles(app: AppContext, delayMs = PAUSE_MS): Promise<void> {
  if (app.settings.panel.filesPerHour === 0) return
  const runAt = new Date(app.clock.now().getTime() + delayMs)
  await app.db.write('background', (tx) => app.jobs.add(tx, { name: 'load-files', payload: {}, key: 'load-files', runAt }))
}

async function loadFilesOfIssue(
  app: AppContext,
  { issue, gates }: { issue: IssueWithoutFiles; gates: Gates },
  signal: AbortSignal,
): Promise<void> {
  const commits = await listCommitsWithoutFiles(app.db.read, issue.key, COMMITS_PER_ISSUE)
  let loaded = 0
  for (const commit of commits) {
    signal.throwIfAborted()
    const gate = await openGate(app, gates, commit.accountId)
    if (gate.connection === null) continue
    const files = await load(app, { commit, gate, connection: gate.connection }, signal)
    if (files === null) continue
    await app.db.write('background', (tx) => saveCommitFiles(tx, commit, files))
    loaded += 1
  }
  const complete = loaded === commits.length
  if (loaded === 0 && !complete) return
  await writeChanges(app, async (tx, dueAt) => {
    if (complete) await markFilesLoaded(tx, issue, loaded > 0 ? 1 : 0)
    if (loaded > 0) await markIssuesDirty(tx, [{ key: issue.key, at: issue.newestAt }], dueAt)
  })
}

interface Load {
  readonly commit: CommitWithoutFiles
  readonly gate: Gate
  readonly connection: HostConnection
}

/** null: the account is not asked any more in this run. */
async function load(app: AppContext, { commit, gate, connection }: Load, signal: AbortSignal): Promise<CommitFiles | null> {
  gate.left -= 1
  try {
    const files = await fetchFiles({ app, connection }, commit, signal)
    closeIfSpent(gate, connection)
    return files
  } catch (error) {
    if (signal.aborted || !isConnectorError(error)) throw error
    if (isLasting(error.code)) return { fileCount: null, exact: true, files: [], loadedAt: app.clock.now() }
    gate.connection = null
    app.log.info({ accountId: commit.accountId, problem: toProblem(error) }, 'files of commits are loaded later')
    return null
  }
}

/** The host answered, and would again: this one commit is not asked for within a day, unless somebody opens it. */
function isLasting(code: string): boolean {
  return code === 'not-found' || code === 'permission-missing' || code === 'unexpected-answer' || code === 'response-too-large'
}

async function openGate(app: AppContext, gates: Gates, accountId: AccountId): Promise<Gate> {
  const known = gates.get(accountId)
  if (known !== undefined) return known
  const since = new Date(app.clock.now().getTime() - HOUR_MS)
  const left = app.settings.panel.filesPerHour - (await countFilesLoaded(app.db.read, accountId, since))
  const gate: Gate = { connection: null, left }
  gates.set(accountId, gate)
  try {
    const connection = await app.connections.get(accountId)
    gate.connection = connection
    closeIfSpent(gate, connection)
  } catch (error) {
    // Its credentials are nowhere, or somebody has to sign in: the account itself says so.
    if (!isConnectorError(error)) throw error
    app.log.info({ accountId, problem: toProblem(error) }, 'files of commits are not loaded')
  }
  return gate
}

function closeIfSpent(gate: Gate, connection: HostConnection): void {
  if (gate.left <= 0 || (connection.requestsLeft() ?? 1) < LEAST_LEFT) gate.connection = null
}
