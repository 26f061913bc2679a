import type { OverviewJson } from '../../../src/contract/statistics.ts'

export interface FirstStep {
  readonly title: string
  readonly text: string
  readonly done: boolean
  readonly action: { readonly label: string; readonly href: string } | null
}

/** In the order in which they are best done. */
export function toFirstSteps({
  jira,
  accounts,
  repositories,
}: Pick<OverviewJson, 'jira' | 'accounts' | 'repositories'>): FirstStep[] {
  const anyAccount = accounts.ok + accounts.degraded + accounts.needsSignIn > 0
  return [
    {
      title: 'Connect Jira',
      text: 'With its address and a personal access token. Its projects decide what is an issue key.',
      done: jira.state !== null,
      action: { label: 'Connect Jira', href: 'settings/jira' },
    },
    {
      title: 'Link your first account',
      text: 'A group, a user, or all that a token of your Git host may read.',
      done: anyAccount,
      action: { label: 'Link your first account', href: 'accounts/link' },
    },
    {
      title: 'Repositories are synchronized',
      text: 'This begins by itself, with the most recently active repositories.',
      done: anyAccount && repositories.linked > 0 && repositories.states.idle > 0,
      action: null,
    },
  ]
}
