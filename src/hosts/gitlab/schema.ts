import { z } from 'zod'

/*
 * Only the fields that are used, as GitLab 13.0 to 19 send them. Required is what nothing works without; everything
 * else may be absent, null or of a kind not known yet, and then counts as not told.
 */
const text = z.string().nullish().catch(null)
const flag = z.boolean().nullish().catch(null)
const count = z.number().nullish().catch(null)
const id = z.number().int()
const time = z.string().transform((value, context) => {
  const date = new Date(value)
  if (!Number.isNaN(date.getTime())) return date
  context.addIssue({ code: 'custom', message: 'not a time' })
  return z.NEVER
})
const maybeTime = time.nullish().catch(null)
/** With what the clock that told it was ahead of UTC, in minutes. */
const maybeZonedTime = z
  .string()
  .transform((value, context) => {
    const at = new Date(value)
    if (Number.isNaN(at.getTime())) context.addIssue({ code: 'custom', message: 'not a time' })
    const [, sign, hours, minutes] = /([+-])(\d\d):?(\d\d)$/.exec(value) ?? []
    const offset = hours === undefined ? 0 : Number(hours) * 60 + Number(minutes)
    return { at, offsetMinutes: sign === '-' ? 0 - offset : offset }
  })
  .nullish()
  .catch(null)

export const projectSchema = z.object({
  id,
  path_with_namespace: z.string().min(1),
  web_url: text,
  default_branch: text,
  last_activity_at: maybeTime,
  archived: flag,
  empty_repo: flag,
  /** `disabled`, `private`, `enabled`, `public`. */
  repository_access_level: text,
  merge_requests_access_level: text,
  builds_access_level: text,
  environments_access_level: text,
  /** Before 13.x's access levels; false means off. */
  merge_requests_enabled: flag,
  /** `none`, `scheduled`, `started`, `finished`, `failed`, `canceled`. */
  import_status: text,
  forked_from_project: z.object({ id }).nullish().catch(null),
  marked_for_deletion_on: text,
  /** Deprecated name of the same. */
  marked_for_deletion_at: text,
  statistics: z.object({ repository_size: count }).nullish().catch(null),
})
export type ProjectJson = z.infer<typeof projectSchema>

const user = z.object({ name: text, username: text })
export type UserJson = z.infer<typeof user>
const users = z.array(user).nullish().catch(null)

export const mergeRequestSchema = z.object({
  iid: id,
  title: text,
  description: text,
  state: text,
  draft: flag,
  /** Until 14.x. */
  work_in_progress: flag,
  source_branch: z.string(),
  target_branch: z.string(),
  source_project_id: z.number().int().nullish(),
  sha: text,
  merge_commit_sha: text,
  squash_commit_sha: text,
  web_url: text,
  author: user.nullish().catch(null),
  reviewers: users,
  user_notes_count: count,
  created_at: maybeTime,
  updated_at: time,
  merged_at: maybeTime,
  closed_at: maybeTime,
})
/** One of those that hold a commit. */
export const requestOfCommitSchema = z.object({ iid: id, project_id: id, state: text, squash_commit_sha: text })

export type MergeRequestJson = z.infer<typeof mergeRequestSchema>

export const approvalsSchema = z.object({ approved_by: z.array(z.object({ user })).nullish() })
/** One of `/merge_requests/:iid/reviewers`; states: unreviewed, review_started, reviewed, requested_changes, approved, unapproved. */
export const reviewerSchema = z.object({ user, state: text })
export type ReviewerJson = z.infer<typeof reviewerSchema>

/** SHA-1 or SHA-256. */
const commitSha = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)

export const branchSchema = z.object({
  name: z.string().min(1),
  commit: z.object({ id: commitSha, committed_date: time }),
})
export type BranchJson = z.infer<typeof branchSchema>

export const commitSchema = z.object({
  id: commitSha,
  parent_ids: z.array(z.string()),
  message: text,
  title: text,
  author_name: text,
  author_email: text,
  authored_date: maybeZonedTime,
  committed_date: time,
})
export type CommitJson = z.infer<typeof commitSchema>
/** One of a merge request: of these GitLab does not tell the parents. */
export const commitOfRequestSchema = commitSchema.omit({ parent_ids: true, committed_date: true })
export type CommitOfRequestJson = z.infer<typeof commitOfRequestSchema>

/** What GitLab found out about a signature; which words there are grows with its versions. */
export const signatureSchema = z.object({ verification_status: text })

/** Of one commit: who brought it in, beside who wrote it. */
export const commitPeopleSchema = z.object({ committer_email: z.string().min(1) })

/** `collapsed` and `too_large` say that the patch was left out. */
export const diffSchema = z.object({
  old_path: z.string(),
  new_path: z.string(),
  diff: text,
  new_file: flag,
  renamed_file: flag,
  deleted_file: flag,
  collapsed: flag,
  too_large: flag,
})
export type DiffJson = z.infer<typeof diffSchema>

/** Of the list, which tells no `finished_at`. CI variables are in none of the answers that are read. */
export const pipelineSchema = z.object({
  id,
  /** Since 13.x. */
  iid: id.nullish().catch(null),
  sha: commitSha,
  ref: z.string(),
  status: text,
  web_url: text,
  created_at: maybeTime,
  updated_at: time,
})
export type PipelineJson = z.infer<typeof pipelineSchema>

export const jobSchema = z.object({ id, status: text })

export const deploymentSchema = z.object({
  id,
  iid: id,
  sha: commitSha,
  ref: z.string(),
  status: text,
  created_at: maybeTime,
  updated_at: time,
  environment: z.object({ id, name: z.string().min(1) }),
  /** The job that deploys; null for deployments made over the API. */
  deployable: z.object({ web_url: text, finished_at: maybeTime }).nullish().catch(null),
})
export type DeploymentJson = z.infer<typeof deploymentSchema>

/** `tier`: production, staging, testing, development, other; absent before 13.10. */
export const environmentSchema = z.object({ id, name: z.string(), tier: text })
export type EnvironmentJson = z.infer<typeof environmentSchema>

/** What tells whether a repository is still below its owner is never empty. */
const path = z
  .string()
  .max(1000)
  .regex(/^\P{Cc}+$/u)
export const groupSchema = z.object({ id, full_path: path, full_name: text })
export const userSchema = z.object({ id, username: path, name: text, is_admin: flag, bot: flag })
export const memberSchema = z.object({ access_level: z.number() })
export const versionSchema = z.object({ version: z.string() })
export const tokenSchema = z.object({
  scopes: z.array(z.string()),
  active: flag,
  revoked: flag,
  expires_at: text,
})

/** `alert_status`: executable, temporarily_disabled, disabled; absent before 15.x. */
export const hookSchema = z.object({
  id,
  url: z.string(),
  alert_status: text,
  /** Absent in versions that do not tell. */
  token_present: flag,
  signing_token_present: flag,
})
export type HookJson = z.infer<typeof hookSchema>
