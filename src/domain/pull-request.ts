/** Jira's words. GitLab: opened and locked are OPEN, closed is DECLINED. */
export type PullRequestStatus = 'OPEN' | 'MERGED' | 'DECLINED'
export type ReviewerState = 'APPROVED' | 'NEEDS_WORK' | 'UNAPPROVED'

export interface Person {
  readonly name: string
  /** null: the host does not tell. Never leaves the connector towards Jira's issue property. */
  readonly email: string | null
}

export interface Reviewer {
  readonly name: string
  readonly state: ReviewerState
}
