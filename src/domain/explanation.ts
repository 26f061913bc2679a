import type { IssueKey } from './ids.ts'

/** One step on the way of something from a Git host to Jira. */
export interface ExplainedStep {
  /** yes: it went this way; no: here it ended; waiting: it will go on by itself; note: beside the way. */
  readonly state: 'yes' | 'no' | 'waiting' | 'note'
  readonly step:
    | 'searched'
    | 'received'
    | 'keys'
    | 'linked'
    | 'project'
    | 'account'
    | 'stored'
    | 'smart-commit'
    | 'jira'
    | 'issue'
    | 'delivered'
    | 'person'
    | 'permission'
    | 'jira-app'
  readonly text: string
  /** What the reader can do; null: nothing need be done. */
  readonly remedy: string | null
}

/** A commit, a branch or a pull request in one repository, or an issue key, and its way to Jira. */
export interface ExplainedSubject {
  readonly title: string
  /** Where it is; null: nowhere, or it is an issue. */
  readonly repositoryId: string | null
  /** null: it is no issue. */
  readonly issue: string | null
  readonly steps: readonly ExplainedStep[]
}

/** What is known of a reference, and why it is, or is not, on a Jira issue. */
export interface Explanation {
  readonly ref: string
  /** Anything is known of it. */
  readonly found: boolean
  readonly subjects: readonly ExplainedSubject[]
}

/** Why somebody sees, or does not see, the development information of an issue. */
export interface Visibility {
  readonly user: string
  readonly issue: IssueKey
  /** unknown: something could not be asked, and nothing else stands in the way. */
  readonly visible: 'yes' | 'no' | 'unknown'
  /** In the order in which they must hold; a note tells what is not known. */
  readonly steps: readonly ExplainedStep[]
}

/** A step, with a remedy where one helps. */
export function step(
  state: ExplainedStep['state'],
  name: ExplainedStep['step'],
  said: { readonly text: string; readonly remedy?: string | null },
): ExplainedStep {
  return { state, step: name, text: said.text, remedy: said.remedy ?? null }
}

/** A time as people compare it with a log. */
export function timeText(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
