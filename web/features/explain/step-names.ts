import type { ExplanationJson } from '../../../src/contract/explain.ts'

type Step = ExplanationJson['subjects'][number]['steps'][number]['step']

export const STEP_NAMES: Readonly<Record<Step, string>> = {
  searched: 'Searched',
  received: 'Received from the Git host',
  keys: 'Issue keys',
  linked: 'Repository linked',
  project: 'Project of Jira',
  account: 'Projects of the account',
  'smart-commit': 'Smart commit',
  stored: 'Stored',
  jira: 'Jira reachable',
  issue: 'Issue in Jira',
  delivered: 'Delivered to Jira',
  person: 'Person',
  permission: 'Permission',
  'jira-app': 'Jira app',
}
