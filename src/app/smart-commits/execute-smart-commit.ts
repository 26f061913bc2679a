import { createHash } from 'node:crypto'
import { findSameAction, noteActionIssue } from '../../db/stores/smart-commit-issues.ts'
import {
  countAttempt,
  endAction,
  endSmartCommit,
  skipActions,
  skipSmartCommit,
  type ActionEnd,
} from '../../db/stores/smart-commit-progress.ts'
import { findSmartCommit } from '../../db/stores/smart-commits.ts'
import type { Account } from '../../domain/account.ts'
import { projectKeyOf } from '../../domain/issue-keys.ts'
import type { Problem } from '../../domain/problem.ts'
import type { Repository } from '../../domain/repository.ts'
import type { SmartCommitAction, SmartCommitRecord } from '../../domain/smart-commit-record.ts'
import { issueMissing } from '../../jira/command-failure.ts'
import type { JiraIssueFacts } from '../../jira/issue-facts.ts'
import { jobOvertaken } from '../../jobs/job-overtaken.ts'
import type { AppContext } from '../app-context.ts'
import type { JiraConnection } from '../delivery/jira-connection.ts'
import { chooseActor, connectorOf, isTokenRefused, noteRefused, type Actor } from './choose-actor.ts'
import { findAuthor, type FoundAuthor, type SmartCommitAuthor } from './find-author.ts'
import { findObstacle, type CommitRules } from './find-obstacle.ts'
import { findRepeated } from './find-repeated.ts'
import { findReasonToGiveUp, MOST_ATTEMPTS } from './give-up.ts'
import { createAuthorProof, type AuthorProof } from './prove-author.ts'
import type { KnownProjects } from './known-projects.ts'
import { NO_PROJECT, noProject, OTHER_RULES } from './reasons-to-skip.ts'
import { runAction } from './run-action.ts'
import { listKeptCommands } from './smart-commit-lines.ts'
import { findProjectTrust } from './trust.ts'

export interface SmartCommitToExecute {
  readonly repository: Repository
  readonly account: Account
  readonly jira: JiraConnection
  readonly commit: SmartCommitRecord
  /** Of this run. */
  readonly projects: KnownProjects
}

/**
 * Executes what is left of one commit, command by command. A command that fails does not stop the others.
 *
 * @throws ConnectorError Jira, or the host where it was to be asked, failed as a whole: to be tried again
 */
export async function executeSmartCommit(app: AppContext, work: SmartCommitToExecute, signal: AbortSignal): Promise<void> {
  const { commit, account } = work
  const trust = await findProjectTrust(app.db.read)
  const left = commit.actions.filter(({ state }) => state === 'found' || state === 'executing')
  // Words such as UTF-8 look like keys: a commit that names no issue of this Jira is nobody's mistake.
  const keys = commit.actions.map(({ key }) => projectKeyOf(key))
  if (!(await work.projects.mayHave(keys, commit.recordedAt.getTime(), signal))) return skip(app, commit, NO_PROJECT)
  const mayWait = left.every(({ attempts }) => attempts + 1 < MOST_ATTEMPTS)
  const rules = { account, trust, proof: createAuthorProof(app, { ...work, mayWait }) }
  const [first] = left
  // Looking for the author is part of the first attempt.
  if (first !== undefined) await count(app, first)
  const found = await findAuthorOrGiveUp(app, { ...work, attempts: (first?.attempts ?? 0) + 1 }, signal)
  const repeated = await findRepeated(app, { ...work, mayWait }, signal)
  const [why] = repeated.values()
  if (why !== undefined && repeated.size === commit.actions.length) return skip(app, commit, why)
  await app.db.write('background', (tx) => skipActions(tx, commit.id, repeated))
  for (const action of left.filter(({ position }) => !repeated.has(position))) {
    signal.throwIfAborted()
    if (action !== first) await count(app, action)
    try {
      await executeAction(app, { ...work, action, found, rules }, signal)
    } catch (error) {
      const failure = { jira: work.jira, attempts: action.attempts + 1, error }
      await refuse(app, action, await findReasonToGiveUp(app, failure, signal))
    }
  }
  await app.db.write('background', (tx) =>
    endSmartCommit(tx, commit.id, { now: app.clock.now().getTime(), reply: account.smartCommitReplies }),
  )
}

async function findAuthorOrGiveUp(
  app: AppContext,
  work: SmartCommitToExecute & { attempts: number },
  signal: AbortSignal,
): Promise<FoundAuthor> {
  try {
    return await findAuthor(app, work, signal)
  } catch (error) {
    return { problem: await findReasonToGiveUp(app, { ...work, error }, signal) }
  }
}

/** Before anybody is asked: what fails without an answer counts too. */
async function count(app: AppContext, action: SmartCommitAction): Promise<void> {
  if (!(await app.db.write('background', (tx) => countAttempt(tx, action)))) throw jobOvertaken()
}

/** Of this run, which counted one more than it found. */
const toAttempt = ({ attempts }: SmartCommitAction) => attempts + 1

interface ActionToExecute extends SmartCommitToExecute {
  readonly action: SmartCommitAction
  readonly found: FoundAuthor
  readonly rules: CommitRules
}

async function executeAction(app: AppContext, work: ActionToExecute, signal: AbortSignal): Promise<void> {
  const { action, commit, found, projects, rules } = work
  const named = projectKeyOf(action.key)
  if (!(await projects.mayHave([named], commit.recordedAt.getTime(), signal))) return refuse(app, action, noProject(named))
  const issue = await findIssue(app, work, signal)
  if (issue === null) return refuse(app, action, issueMissing(action.key, { own: false }))
  const obstacle = await findObstacle(app, { issue, rules }, signal)
  if (obstacle !== null) return refuse(app, action, obstacle)
  if ('problem' in found) return refuse(app, action, found.problem)
  return run(app, { ...work, issue, author: found.author, proof: rules.proof }, signal)
}

/** The issue that a key leads to today; null: there is none, or nobody who may act here sees it. */
async function findIssue(
  app: AppContext,
  { action, found, jira, rules, ...work }: ActionToExecute,
  signal: AbortSignal,
): Promise<JiraIssueFacts | null> {
  const issue = await jira.client.questions.findFacts(action.key, signal)
  if (issue !== null || 'problem' in found) return issue
  // The author may be in a security level that the connector's user is not in.
  const actor = await chooseActor(app, { ...work, jira, author: found.author, proof: rules.proof }, signal)
  return actor.kind === 'author' ? actor.client.questions.findFacts(action.key, signal) : null
}

async function run(
  app: AppContext,
  work: ActionToExecute & { issue: JiraIssueFacts; author: SmartCommitAuthor; proof: AuthorProof },
  signal: AbortSignal,
): Promise<void> {
  const { commit, repository, jira, action, issue, author } = work
  const commands = listKeptCommands(commit.lines)
  const command = commands[action.position]
  // Another version of this program recorded it, with other rules.
  if (command === undefined || command.issue !== action.key) return refuse(app, action, OTHER_RULES)
  const positions = [...commands.keys()].filter((position) => commands[position]?.command === command.command)
  if (positions.length > 1 && (await endIfSame(app, { ...work, positions }))) return
  const links = await app.connections.links(repository.accountId)
  const address = { hostId: repository.hostId, path: repository.name, webUrl: repository.url }
  const asked = (actor: Actor) => ({
    issue,
    command: command.command,
    author,
    own: actor.kind === 'author',
    commit: {
      displayId: commit.sha.slice(0, 7),
      url: links.commit(address, commit.sha),
      repository: repository.name,
      authoredAt: commit.authoredAt,
      offsetMinutes: commit.offsetMinutes,
    },
    mark: toMark(jira.installationId, commit, action),
  })
  const by = (actor: Actor, current = action) =>
    runAction(app, { jira, commit, action: current, attempt: toAttempt(action), actor, asked: asked(actor) }, signal)
  const actor = await chooseActor(app, work, signal)
  try {
    await by(actor)
  } catch (error) {
    if (actor.token === null || !isTokenRefused(error)) throw error
    await noteRefused(app, actor.token, error)
    // It ended in this moment: what was done before, such as a transition without its comment, is looked for.
    const now = await findSmartCommit(app.db.read, commit.id)
    await by(
      connectorOf(jira),
      now?.actions.find(({ id }) => id === action.id),
    )
  }
}

/**
 * Two keys of one command may lead to one issue, which gets it once. True: it got it, or may have got it, under another
 * key. What was begun under this key is looked for in Jira instead.
 */
async function endIfSame(
  app: AppContext,
  {
    commit,
    action,
    issue,
    author,
    positions,
  }: ActionToExecute & { issue: JiraIssueFacts; author: SmartCommitAuthor; positions: readonly number[] },
): Promise<boolean> {
  if (action.startedAt !== null) return false
  await app.db.write('background', (tx) => noteActionIssue(tx, action.id, issue.id))
  const same = await findSameAction(app.db.read, { commitId: commit.id, actionId: action.id, positions, issueId: issue.id })
  if (same === null) return false
  const end: ActionEnd =
    same.state === 'failed' && same.problem !== null
      ? { kind: 'failed', problem: same.problem }
      : { kind: 'done', summary: `Same issue as ${same.key}`, jiraId: null }
  const now = app.clock.now().getTime()
  const own = { id: action.id, attempt: toAttempt(action) }
  if (!(await app.db.write('background', (tx) => endAction(tx, own, { end, now, author })))) throw jobOvertaken()
  app.metrics.smartCommit(end.kind)
  return true
}

/**
 * What an action is known by in Jira: the same in every run, and another one for every other action, also in a database
 * that was restored and counts anew.
 */
function toMark(installationId: string, { repositoryId, sha }: SmartCommitRecord, { position, key }: SmartCommitAction): string {
  const parts = [installationId, repositoryId, sha, position, key]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}

async function refuse(app: AppContext, action: SmartCommitAction, problem: Problem): Promise<void> {
  const now = app.clock.now().getTime()
  const own = { id: action.id, attempt: toAttempt(action) }
  if (!(await app.db.write('background', (tx) => endAction(tx, own, { end: { kind: 'failed', problem }, now }))))
    throw jobOvertaken()
  app.metrics.smartCommit('failed')
}

async function skip(app: AppContext, commit: SmartCommitRecord, problem: Problem): Promise<void> {
  await app.db.write('background', (tx) => skipSmartCommit(tx, commit.id, problem))
  app.metrics.smartCommit('skipped')
}
