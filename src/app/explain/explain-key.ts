import { findIssue, findProject, type FoundIssue } from '../../db/views/explain.ts'
import { readManualLinkList } from '../../db/views/manual-link-list.ts'
import { listKeysOfSameIssue } from '../../db/stores/issues.ts'
import { readWritesOfIssue, type WriteEntry } from '../../db/views/deliveries.ts'
import { step, timeText, type ExplainedStep, type ExplainedSubject } from '../../domain/explanation.ts'
import type { IssueKey } from '../../domain/ids.ts'
import { projectKeyOf } from '../../domain/issue-keys.ts'
import type { AppContext } from '../app-context.ts'
import { findDeliveryHold } from '../delivery/delivery-hold.ts'

/** More are told on the panel. */
const MOST_LINKS = 20

/** The way of an issue key: its project, what is stored, what Jira got. `named`: something stored names it. */
export async function explainKey(app: AppContext, key: IssueKey): Promise<{ subject: ExplainedSubject; named: boolean }> {
  const issue = await findIssue(app.db.read, key)
  const project = await explainProject(app, key)
  const known = project.state === 'yes'
  const delivery = issue !== null && known ? await explainDelivery(app, issue) : []
  const steps = [project, explainNamed(key, issue), ...(await explainHand(app, key)), ...delivery]
  return { subject: { title: `Issue ${key}`, repositoryId: null, issue: key, steps }, named: issue !== null }
}

async function explainProject(app: AppContext, key: IssueKey): Promise<ExplainedStep> {
  const project = projectKeyOf(key)
  if (app.jira === null) {
    return step('no', 'project', { text: 'No Jira is connected.', remedy: 'Set jira.url and its credentials.' })
  }
  const { known, anyRead } = await findProject(app.db.read, project)
  if (known) return step('yes', 'project', { text: `Jira has the project ${project}.` })
  if (!anyRead) {
    const remedy = 'Run "jira-dvcs doctor": it tests the connection to Jira.'
    return step('waiting', 'project', { text: "Jira's list of projects has not been read yet.", remedy })
  }
  return step('no', 'project', {
    text: `Jira shows the connector's user no project ${project}: ${key} counts as a word like any other.`,
    remedy: `If ${project} is a project, give that user the permission Browse Projects there; the list is read again within the hour.`,
  })
}

function explainNamed(key: IssueKey, issue: FoundIssue | null): ExplainedStep {
  if (issue !== null) return step('yes', 'stored', { text: `Stored commits, branches or pull requests name ${key}, or did.` })
  return step('no', 'stored', {
    text: `No stored commit, branch or pull request names ${key}.`,
    remedy: `Write the key in capitals, such as "${key} what was done", in the message of a commit of a linked repository.`,
  })
}

/** What people said by hand goes before what keys say. */
async function explainHand(app: AppContext, key: IssueKey): Promise<ExplainedStep[]> {
  const keys = await listKeysOfSameIssue(app.db.read, key)
  const { items } = await readManualLinkList(app.db.read, keys, { before: null, limit: MOST_LINKS })
  return items.map(({ action, kind, entity, repository, who, at, reason }) => {
    const what = kind === 'commit' ? `Commit ${entity.slice(0, 7)}` : `Pull request ${entity}`
    const said = action === 'link' ? 'is linked to it' : 'is not shown on it'
    return step('note', 'stored', {
      text: `${what} of ${repository.name} ${said} by hand: ${who} at ${timeText(at)}, "${reason}".`,
    })
  })
}

async function explainDelivery(app: AppContext, issue: FoundIssue): Promise<ExplainedStep[]> {
  const moved = issue.currentKey !== null && issue.currentKey !== issue.key
  // Writes are recorded under the key of their day.
  const keys = moved && issue.currentKey !== null ? [issue.currentKey, issue.key] : [issue.key]
  const writes = (await Promise.all(keys.map((key) => readWritesOfIssue(app.db.read, key, 1)))).flat()
  const newest = writes.toSorted((a, b) => b.id - a.id)[0]
  const note = moved ? [step('note', 'issue', { text: `In Jira the issue is called ${issue.currentKey} today.` })] : []
  return [...note, await explainState(app, issue), ...(newest === undefined ? [] : [explainWrite(newest)])]
}

async function explainState(app: AppContext, issue: FoundIssue): Promise<ExplainedStep> {
  const reason = issue.reason?.message ?? ''
  const remedy = issue.reason?.remedy ?? null
  switch (issue.state) {
    case 'clean':
      return issue.contentHash === null
        ? step('yes', 'delivered', { text: 'Nothing is left to show, and Jira holds nothing for it.' })
        : step('yes', 'delivered', {
            text: `Jira took it${issue.deliveredAt === null ? '' : ` at ${timeText(issue.deliveredAt)}`}.`,
          })
    case 'dirty':
    case 'retrying': {
      const hold = await findDeliveryHold(app.db.read)
      if (hold !== null) {
        const text = `It waits for Jira until ${timeText(new Date(hold.until))}: ${hold.problem.message}`
        return step('waiting', 'delivered', { text, remedy: hold.problem.remedy })
      }
      if (!app.settings.deliver) {
        return step('waiting', 'delivered', {
          text: 'It waits for a process that delivers to Jira.',
          remedy: 'Start "jira-dvcs serve".',
        })
      }
      const due = issue.dueAt === null ? 'soon' : `after ${timeText(issue.dueAt)}`
      const failed = issue.state === 'retrying' ? ` Try ${issue.attempts} failed: ${reason}` : ''
      return step('waiting', 'delivered', { text: `It is sent to Jira ${due}.${failed}`, remedy })
    }
    case 'refused':
    case 'unknown': {
      const again = issue.checkAt === null ? '' : ` It is looked at again at ${timeText(issue.checkAt)}, or when it changes.`
      return step('no', 'delivered', { text: `${reason}${again}`, remedy: remedy ?? UNKNOWN_REMEDY })
    }
  }
}

const UNKNOWN_REMEDY = "Check the key; if the issue exists, give the connector's user the permission Browse Projects for it."

function explainWrite(write: WriteEntry): ExplainedStep {
  const text = `Last write: out-${write.id} (${write.kind}) at ${timeText(write.writtenAt)}`
  const cause = write.syncId === null ? '' : `, caused by synchronisation ${write.syncId}`
  if (write.state === 'failed')
    return step('note', 'delivered', {
      text: `${text}, failed: ${write.error?.message ?? ''}`,
      remedy: write.error?.remedy ?? null,
    })
  const bytes = write.bytes === null ? '' : `, ${write.bytes} bytes`
  return step('note', 'delivered', { text: `${text}, HTTP ${write.status}${bytes}${cause}.` })
}
