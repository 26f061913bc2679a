import { z } from 'zod'
import type { JiraIssueRef } from './find-issues.ts'
import { isPermitted, type IssuePermission } from './issue-permission.ts'
import { myPermissionsSchema } from './jira-schema.ts'
import type { JiraTransport, ParsedAnswer } from './jira-transport.ts'

/** Somebody with an account in Jira, inactive ones too. */
export interface JiraAccount {
  /** Stays when they are renamed. */
  readonly userKey: string
  readonly name: string
  readonly displayName: string
  readonly active: boolean
}

/** A transition that is valid for the issue and the transport's user now. */
export interface JiraTransition {
  readonly id: string
  readonly name: string
  /** Name of the status that it leads to. */
  readonly status: string
  /** Names of the fields on its screen that must be filled in and are not by default. */
  readonly requiredFields: readonly string[]
  /** Its screen has the comment field. */
  readonly takesComment: boolean
}

export interface JiraComment {
  readonly id: string
  /** User name; null: unknown. */
  readonly author: string | null
  readonly text: string
  readonly created: Date
}

export interface JiraWorklog extends JiraComment {
  readonly started: Date
}

export interface JiraStatusChange {
  readonly author: string | null
  readonly to: string
  readonly created: Date
}

/**
 * What smart commits and rules do to issues, as the transport's user. Calls go to the id of an issue, which stays what was
 * looked up; its key is for messages, and for the questions about permissions, of which one takes keys alone. Each call
 * rejects with `jira-issue-not-found`, `jira-permission-missing` or `jira-refused` when it is this issue or this user, and
 * with what else the client's calls reject with.
 */
export interface JiraIssueActions {
  /**
   * Everybody with exactly this e-mail address in any letter case. `emailsHidden`: Jira does not show addresses to the
   * transport's user, so that finding nobody means nothing.
   */
  findUsersByEmail(
    email: string,
    signal: AbortSignal,
  ): Promise<{ readonly users: readonly JiraAccount[]; readonly emailsHidden: boolean }>
  /** Whether somebody active has all these permissions. The transport's user must administer Jira or the project. */
  hasPermissions(
    name: string,
    asked: { readonly issue: JiraIssueRef; readonly permissions: readonly IssuePermission[] },
    signal: AbortSignal,
  ): Promise<boolean>
  hasOwnPermission(issue: JiraIssueRef, permission: IssuePermission, signal: AbortSignal): Promise<boolean>
  hasTimeTracking(signal: AbortSignal): Promise<boolean>
  /** Name of its status. */
  getStatus(issue: JiraIssueRef, signal: AbortSignal): Promise<string>
  listTransitions(issue: JiraIssueRef, signal: AbortSignal): Promise<readonly JiraTransition[]>
  /** A comment only where the transition takes one. */
  doTransition(
    issue: JiraIssueRef,
    transition: { readonly id: string; readonly comment: string | null },
    signal: AbortSignal,
  ): Promise<Pick<JiraCreated, 'status'>>
  addComment(issue: JiraIssueRef, text: string, signal: AbortSignal): Promise<JiraCreated>
  addWorklog(issue: JiraIssueRef, worklog: NewWorklog, signal: AbortSignal): Promise<JiraCreated>
  /** Newest first where Jira can; whoever finds what they look for stops reading. */
  listComments(issue: JiraIssueRef, signal: AbortSignal): AsyncIterable<JiraComment>
  listWorklogs(issue: JiraIssueRef, signal: AbortSignal): Promise<readonly JiraWorklog[]>
  /** Oldest first. */
  listStatusChanges(issue: JiraIssueRef, signal: AbortSignal): Promise<readonly JiraStatusChange[]>
}

/** What Jira answered to a change. */
export interface JiraCreated {
  /** Of HTTP. */
  readonly status: number
  /** Of the comment or work log that was made. */
  readonly id: string
}

export interface NewWorklog {
  /** As Jira takes it: `1d 2h`. How long a day is, its own settings say. */
  readonly timeSpent: string
  readonly started: Date
  /** Of the clock on the wall where the work was done. */
  readonly offsetMinutes: number
  readonly comment: string
}

/** 1 January 9999: later ones Jira cannot read. */
const LATEST_MS = 253_370_764_800_000
const USERS_PER_PAGE = 100
const MOST_USERS = 1_000
const COMMENTS_PER_PAGE = 100

const dateSchema = z.string().transform((text, context) => {
  const time = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
  if (!Number.isNaN(time)) return new Date(time)
  context.addIssue({ code: 'custom', message: 'not a date' })
  return z.NEVER
})
const authorSchema = z
  .object({ name: z.string().nullish() })
  .nullish()
  .transform((author) => author?.name ?? null)
const accountsSchema = z.array(
  z.object({
    name: z.string(),
    key: z.string().optional(),
    displayName: z.string().default(''),
    emailAddress: z.string().nullish(),
    active: z.boolean().default(true),
  }),
)
const ownEmailSchema = z.object({ emailAddress: z.string().nullish() })
const configurationSchema = z.object({ timeTrackingEnabled: z.boolean() })
const statusSchema = z.object({ fields: z.object({ status: z.object({ name: z.string() }) }) })
const transitionsSchema = z.object({
  transitions: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      to: z.object({ name: z.string() }),
      fields: z
        .record(
          z.string(),
          z.object({
            required: z.boolean().default(false),
            hasDefaultValue: z.boolean().default(false),
            name: z.string().optional(),
          }),
        )
        .default({}),
    }),
  ),
})
const createdSchema = z.object({ id: z.string() })
const commentSchema = z.object({ id: z.string(), author: authorSchema, body: z.string().default(''), created: dateSchema })
const commentsSchema = z.object({ total: z.number(), comments: z.array(commentSchema) })
const worklogsSchema = z.object({
  worklogs: z.array(
    z.object({
      id: z.string(),
      author: authorSchema,
      comment: z.string().default(''),
      created: dateSchema,
      started: dateSchema,
    }),
  ),
})
const historySchema = z.object({
  changelog: z.object({
    histories: z.array(
      z.object({
        author: authorSchema,
        created: dateSchema,
        items: z.array(z.object({ field: z.string(), toString: z.string().nullish().catch(null) })),
      }),
    ),
  }),
})

export function createIssueActions(transport: JiraTransport): JiraIssueActions {
  return {
    findUsersByEmail: (email, signal) => findUsersByEmail(transport, email, signal),
    hasPermissions: (name, asked, signal) => isPermitted(transport, { name, ...asked, issue: asked.issue.key }, signal),
    async hasOwnPermission({ key: issue }, permission, signal) {
      const call = { path: 'rest/api/2/mypermissions', query: { issueKey: issue, permissions: permission }, issue, signal }
      const what = `asking what the connector's user may do to issue ${issue}`
      const { permissions } = await transport.get({ ...call, what }, myPermissionsSchema)
      return permissions[permission]?.havePermission === true
    },
    async hasTimeTracking(signal) {
      const call = { path: 'rest/api/2/configuration', what: 'asking whether time tracking is on', signal }
      return (await transport.get(call, configurationSchema)).timeTrackingEnabled
    },
    async getStatus(issue, signal) {
      const what = `reading the status of issue ${issue.key}`
      const call = { ...callOn(issue, ''), query: { fields: 'status' }, what, signal }
      return (await transport.get(call, statusSchema)).fields.status.name
    },
    listTransitions: (issue, signal) => listTransitions(transport, issue, signal),
    async doTransition(issue, { id, comment }, signal) {
      const update = comment === null ? {} : { update: { comment: [{ add: { body: comment } }] } }
      const json = { transition: { id }, ...update }
      const what = `changing the status of issue ${issue.key}`
      const { status } = await transport.send({ method: 'POST', ...callOn(issue, '/transitions'), json, what, signal })
      return { status }
    },
    async addComment(issue, text, signal) {
      const what = `adding a comment to issue ${issue.key}`
      const call = { method: 'POST' as const, ...callOn(issue, '/comment'), json: { body: text }, what, signal }
      return toCreated(await transport.sendForAnswer(call, createdSchema))
    },
    async addWorklog(issue, { timeSpent, started, offsetMinutes, comment }, signal) {
      const json = { timeSpent, started: toJiraTime(started, offsetMinutes), comment }
      const call = { method: 'POST' as const, ...callOn(issue, '/worklog'), query: { adjustEstimate: 'auto' }, json }
      const what = `logging work on issue ${issue.key}`
      return toCreated(await transport.sendForAnswer({ ...call, what, signal }, createdSchema))
    },
    listComments: (issue, signal) => listComments(transport, issue, signal),
    async listWorklogs(issue, signal) {
      const call = { ...callOn(issue, '/worklog'), what: `reading the work logs of issue ${issue.key}`, signal }
      const { worklogs } = await transport.get(call, worklogsSchema)
      return worklogs.map(({ comment, ...rest }) => ({ ...rest, text: comment }))
    },
    listStatusChanges: (issue, signal) => listStatusChanges(transport, issue, signal),
  }
}

const toCreated = ({ status, body }: ParsedAnswer<{ id: string }>): JiraCreated => ({ status, id: body.id })

/** Jira's notation: milliseconds, and the offset without a colon. */
export function toJiraTime(date: Date, offsetMinutes: number): string {
  // Real offsets lie within these; a commit may claim any.
  const offset = Math.max(-14 * 60, Math.min(14 * 60, Math.trunc(offsetMinutes)))
  const local = new Date(Math.max(0, Math.min(LATEST_MS, date.getTime())) + offset * 60_000).toISOString().slice(0, -1)
  const two = (number: number) => String(number).padStart(2, '0')
  const size = Math.abs(offset)
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`
}

async function findUsersByEmail(transport: JiraTransport, email: string, signal: AbortSignal) {
  const users = new Map<string, JiraAccount>()
  let emailsHidden = false
  for (let startAt = 0; startAt < MOST_USERS; startAt += USERS_PER_PAGE) {
    const query = { username: email, includeInactive: 'true', startAt: String(startAt), maxResults: String(USERS_PER_PAGE) }
    const call = { path: 'rest/api/2/user/search', query, what: 'searching for a user by e-mail address', signal }
    const page = await transport.get(call, accountsSchema)
    for (const { emailAddress, key, name, ...rest } of page) {
      if (isHidden(emailAddress)) emailsHidden = true
      else if (emailAddress?.toLowerCase() === email.toLowerCase()) users.set(name, { name, userKey: key ?? name, ...rest })
    }
    if (page.length < USERS_PER_PAGE) break
  }
  if (users.size === 0 && !emailsHidden) emailsHidden = await hidesOwnEmail(transport, signal)
  return { users: [...users.values()], emailsHidden }
}

/** Where addresses are hidden, the search does not find them either; then Jira hides the asker's own as well. */
async function hidesOwnEmail(transport: JiraTransport, signal: AbortSignal): Promise<boolean> {
  const call = { path: 'rest/api/2/myself', what: 'asking whether Jira shows e-mail addresses', signal }
  return isHidden((await transport.get(call, ownEmailSchema)).emailAddress)
}

/** Masked ones are written `ann at example dot com`. */
function isHidden(email: string | null | undefined): boolean {
  return email === null || email === undefined || !email.includes('@')
}

async function listTransitions(transport: JiraTransport, issue: JiraIssueRef, signal: AbortSignal): Promise<JiraTransition[]> {
  const query = { expand: 'transitions.fields' }
  const call = { ...callOn(issue, '/transitions'), query, what: `asking for the transitions of issue ${issue.key}`, signal }
  const { transitions } = await transport.get(call, transitionsSchema)
  return transitions.map(({ id, name, to, fields }) => ({
    id,
    name,
    status: to.name,
    requiredFields: Object.entries(fields)
      // A comment is what a commit can give.
      .filter(([key, field]) => field.required && !field.hasDefaultValue && key !== 'comment')
      .map(([key, field]) => field.name ?? key),
    takesComment: fields['comment'] !== undefined,
  }))
}

async function* listComments(transport: JiraTransport, issue: JiraIssueRef, signal: AbortSignal): AsyncGenerator<JiraComment> {
  let startAt = 0
  for (;;) {
    const query = { startAt: String(startAt), maxResults: String(COMMENTS_PER_PAGE), orderBy: '-created' }
    const call = { ...callOn(issue, '/comment'), query, what: `reading the comments of issue ${issue.key}`, signal }
    const page = await transport.get(call, commentsSchema)
    for (const { body, ...rest } of page.comments) yield { ...rest, text: body }
    startAt += page.comments.length
    // A Jira that does not know pages here gives all at once.
    if (page.comments.length === 0 || startAt >= page.total) return
  }
}

async function listStatusChanges(
  transport: JiraTransport,
  issue: JiraIssueRef,
  signal: AbortSignal,
): Promise<JiraStatusChange[]> {
  const query = { fields: 'status', expand: 'changelog' }
  const call = { ...callOn(issue, ''), query, what: `reading the history of issue ${issue.key}`, signal }
  const { changelog } = await transport.get(call, historySchema)
  return changelog.histories
    .flatMap(({ author, created, items }) =>
      items.filter(({ field }) => field === 'status').map(({ toString: to }) => ({ author, created, to: to ?? '' })),
    )
    .toSorted((a, b) => a.created.getTime() - b.created.getTime())
}

function callOn({ id, key }: JiraIssueRef, rest: string): { readonly path: string; readonly issue: string } {
  return { path: `rest/api/2/issue/${encodeURIComponent(id)}${rest}`, issue: key }
}
