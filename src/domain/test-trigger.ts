import type { TriggerConditions } from './trigger.ts'

/** Holds for every event on every issue. */
export const ANY: TriggerConditions = {
  accounts: [],
  repositories: [],
  projects: [],
  branches: [],
  targetBranches: [],
  environments: [],
  issueTypes: [],
  statuses: [],
  jql: null,
}
