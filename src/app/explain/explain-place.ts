import { findAccount } from '../../db/stores/accounts.ts'
import { findSync, type FoundSync, type Place } from '../../db/views/explain.ts'
import { partsOfAsker } from '../../domain/asker.ts'
import { step, timeText, type ExplainedStep } from '../../domain/explanation.ts'
import type { IssueKey } from '../../domain/ids.ts'
import { projectKeyOf } from '../../domain/issue-keys.ts'
import { describeLeftOut } from '../accounts/describe-left-out.ts'
import type { AppContext } from '../app-context.ts'

/** Whether what a repository holds is shown at all, and for which of these keys. */
export async function explainPlace(app: AppContext, place: Place, keys: readonly IssueKey[]): Promise<ExplainedStep[]> {
  const steps: ExplainedStep[] = []
  if (!place.linked) {
    const leftOut = (await describeLeftOut(app.db.read, [place.repositoryId])).get(place.repositoryId)
    const text = `${place.repository} is not linked: nothing of it is shown.`
    steps.push(
      leftOut === undefined
        ? step('no', 'linked', { text, remedy: 'Link the repository.' })
        : step('no', 'linked', {
            text: `${text} ${leftOut}`,
            remedy: `Change include or exclude of the account ${place.accountId}; the next sweep links it again.`,
          }),
    )
  }
  const account = await findAccount(app.db.read, place.accountId)
  const only = account?.jiraProjects ?? []
  const kept = keys.filter((key) => only.length > 0 && !only.includes(projectKeyOf(key)))
  if (kept.length > 0) {
    const text = `The account ${place.accountId} serves only the projects ${only.join(', ')}, so it shows nothing on ${kept.join(', ')}.`
    steps.push(step('no', 'account', { text, remedy: 'Add the project to jiraProjects of the account.' }))
  }
  return steps
}

/** Which keys a text names, or that it names none. */
export function explainKeys(keys: readonly IssueKey[], where: string): ExplainedStep {
  if (keys.length > 0) return step('yes', 'keys', { text: `It names ${keys.join(', ')} in ${where}.` })
  return step('no', 'keys', {
    text: `It names no issue key in ${where}.`,
    remedy: 'Keys are written in capitals, such as SHOP-7; the option issueKeys.anyCaseIn says where lower case counts too.',
  })
}

/** By which synchronisation something came, and who asked for it. */
export async function explainReceived(app: AppContext, syncId: number | null): Promise<ExplainedStep> {
  const sync = syncId === null ? null : await findSync(app.db.read, syncId)
  if (sync === null) return step('yes', 'received', { text: 'It was stored before what the journal still tells.' })
  const text = `Synchronisation ${sync.id} of ${timeText(sync.startedAt)} read it from the host; ${describeAsker(sync)}.`
  return step('yes', 'received', { text })
}

function describeAsker({ askedBy, trigger, webhook }: FoundSync): string {
  if (webhook !== null) return `the webhook in-${webhook.id}, received at ${timeText(webhook.receivedAt)}, asked for it`
  if (askedBy === null) return `the connector asked for it (${trigger})`
  const { kind, name } = partsOfAsker(askedBy)
  switch (kind) {
    case 'schedule':
      return 'the schedule asked for it, no webhook did'
    case 'token':
      return name === null ? 'a caller of the API asked for it' : `a caller of the API asked for it (token "${name}")`
    case 'user':
      return `${name ?? 'somebody'} asked for it`
    case 'jira-user':
      return `${name ?? 'somebody'} of Jira asked for it`
    case 'local':
      return 'a command on this machine asked for it'
    case 'connector':
      return `the connector asked for it (${trigger})`
    case 'webhook':
      return 'a webhook asked for it that is not kept any more'
  }
}
