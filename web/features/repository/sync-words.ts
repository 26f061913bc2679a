import type { RepositoryJson, SyncEntryJson } from '../../../src/contract/repository.ts'
import type { Tone } from '../../ui/state-lozenge.tsx'

export type SyncStep = NonNullable<RepositoryJson['sync']['step']>

interface Words {
  readonly label: string
  readonly tone: Tone
}

/** In the order in which they run. */
export const STEPS: readonly { readonly step: SyncStep; readonly label: string }[] = [
  { step: 'fetching', label: 'Fetching from Git' },
  { step: 'history', label: 'Reading new commits' },
  { step: 'pull-requests', label: 'Reading pull requests' },
  { step: 'finishing', label: 'Storing branches' },
  { step: 'builds', label: 'Reading builds and deployments' },
]

export function labelOfStep(step: SyncStep): string {
  return STEPS.find((one) => one.step === step)?.label ?? step
}

export function describeSyncState({ linked, sync }: RepositoryJson): Words {
  if (!linked) return { label: 'Not linked', tone: 'neutral' }
  switch (sync.state) {
    case 'running':
      return { label: 'Syncing', tone: 'information' }
    case 'queued':
      return { label: 'Queued', tone: 'information' }
    case 'retrying':
      return { label: 'Waiting to retry', tone: 'warning' }
    case 'paused':
      return { label: 'Paused', tone: 'warning' }
    case 'idle':
      if (sync.error !== null) return { label: 'Failed', tone: 'danger' }
      return sync.finishedAt === null ? { label: 'Never synced', tone: 'neutral' } : { label: 'Up to date', tone: 'success' }
  }
}

export const OUTCOMES: Readonly<Record<SyncEntryJson['outcome'], Words>> = {
  running: { label: 'Running', tone: 'information' },
  done: { label: 'Done', tone: 'success' },
  failed: { label: 'Failed', tone: 'danger' },
  cancelled: { label: 'Cancelled', tone: 'neutral' },
}

export const WEBHOOK_STATES: Readonly<Record<RepositoryJson['webhook']['state'], Words & { readonly meaning: string }>> = {
  live: { label: 'Live', tone: 'success', meaning: 'The Git host tells the connector at once what changes here.' },
  polling: {
    label: 'Polling',
    tone: 'warning',
    meaning: 'No webhook serves this repository. What changes is found when the account is synchronized.',
  },
  broken: {
    label: 'Broken',
    tone: 'danger',
    meaning: 'The webhook could not be set up or does not work. What changes is still found when the account is synchronized.',
  },
  off: { label: 'Off', tone: 'neutral', meaning: 'Webhooks are switched off for this repository or its account.' },
}

const TRIGGERS: Readonly<Record<string, string>> = {
  schedule: 'Schedule',
  webhook: 'Webhook',
  manual: 'Started by hand',
  link: 'Repository was linked',
  proof: 'Daily comparison',
  retry: 'Another try',
}

/** Why a synchronisation began; the connector may know more reasons than this page. */
export function describeTrigger(trigger: string): string {
  return TRIGGERS[trigger] ?? trigger
}

/** Who asked, when more than the trigger is known. */
export function describeAsker(askedBy: SyncEntryJson['askedBy']): string | null {
  if (askedBy === null) return null
  switch (askedBy.kind) {
    case 'token':
      return askedBy.name === null ? 'API token' : `API token "${askedBy.name}"`
    case 'local':
      return 'Command line'
    case 'user':
    case 'jira-user':
      return askedBy.name
    case 'schedule':
    case 'connector':
    case 'webhook':
      return null
  }
}

/** `3 commits, 1 branch, 2 issues`; nothing found is said as such. */
export function describeFound({ commits, branches, pullRequests, issues }: SyncEntryJson['progress']): string {
  const parts = [
    count(commits, 'commit', 'commits'),
    count(branches, 'branch', 'branches'),
    count(pullRequests, 'pull request', 'pull requests'),
    count(issues, 'issue', 'issues'),
  ].filter((part) => part !== null)
  return parts.length === 0 ? 'Nothing new' : parts.join(', ')
}

function count(number: number, one: string, many: string): string | null {
  return number === 0 ? null : `${number.toLocaleString('en')} ${number === 1 ? one : many}`
}
