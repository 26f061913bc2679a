import { mayIn } from './access.ts'
import { type Answer, type Exchange, readJsonObject, Refusal, type Route } from './exchange.ts'
import { commentOn } from './rest-issue-work.ts'
import { visibleIssue } from './rest-issue.ts'
import { type SandboxIssue, type SandboxTransition, STATUS_CATEGORIES } from './types.ts'

/** What a workflow allows, and doing it. */
export function transitionRoutes(): Route[] {
  const pattern = /^\/rest\/api\/2\/issue\/([^/]+)\/transitions$/
  return [
    { method: 'GET', pattern, handle: listTransitions },
    { method: 'POST', pattern, handle: doTransition },
  ]
}

/** Whoever may not transition issues gets an empty list, as everybody whom a condition excludes. */
function validFor({ world, user }: Exchange, issue: SandboxIssue): readonly SandboxTransition[] {
  const project = world.projectOf(issue)
  if (!mayIn(project, user, 'TRANSITION_ISSUES')) return []
  return project.transitions.filter(
    ({ from, to, onlyFor }) =>
      (from?.includes(issue.status) ?? to !== issue.status) && (onlyFor?.includes(user?.name ?? '') ?? true),
  )
}

function listTransitions(exchange: Exchange, [issueKey = '']: string[]): Answer {
  const withFields = (exchange.query.get('expand') ?? '').split(',').includes('transitions.fields')
  const transitions = validFor(exchange, visibleIssue(exchange, issueKey)).map((transition) => {
    const { id, name, to } = transition
    const status = { id: statusId(to), name: to, statusCategory: { key: STATUS_CATEGORIES[to] } }
    return { id, name, to: status, ...(withFields ? { fields: fieldsOf(transition) } : {}) }
  })
  return { status: 200, body: { expand: 'transitions', transitions } }
}

function fieldsOf({ screen }: SandboxTransition): Record<string, unknown> {
  if (screen === undefined) return {}
  const fields = (screen.fields ?? []).map(({ id, name, required, hasDefaultValue = false }) => [
    id,
    { required, name, hasDefaultValue, operations: ['set'] },
  ])
  const comment = { required: false, name: 'Comment', hasDefaultValue: false, operations: ['add', 'edit', 'remove'] }
  return { ...Object.fromEntries(fields), ...(hasComment(screen) ? { comment } : {}) }
}

function doTransition(exchange: Exchange, [issueKey = '']: string[]): Answer {
  const issue = visibleIssue(exchange, issueKey)
  const given = readJsonObject(exchange.body)
  const wanted = given['transition'] as { id?: unknown } | undefined
  if (wanted?.id === undefined) throw new Refusal(400, ["Missing 'transition' identifier"])
  const transition = validFor(exchange, issue).find(({ id }) => id === String(wanted.id))
  if (transition === undefined) {
    throw new Refusal(400, [
      'It seems that you have tried to perform a workflow operation that is not valid for the current state of this issue. The likely cause is that somebody has changed the issue recently, please look at the issue history for details.',
    ])
  }
  refuseFields(transition, (given['fields'] ?? {}) as Record<string, unknown>)
  const comment = commentOf(given['update'])
  if (comment !== undefined) {
    if (transition.screen === undefined || !hasComment(transition.screen)) {
      throw new Refusal(400, [], { comment: "Field 'comment' cannot be set. It is not on the appropriate screen, or unknown." })
    }
    commentOn(exchange, issue, comment)
  }
  const change = { field: 'status', from: issue.status, to: transition.to }
  issue.status = transition.to
  exchange.world.noteChange(issue, [change], exchange.user?.name)
  return { status: 204 }
}

function refuseFields({ screen }: SandboxTransition, given: Record<string, unknown>): void {
  const missing = (screen?.fields ?? []).filter(
    ({ id, required, hasDefaultValue }) => required && hasDefaultValue !== true && given[id] === undefined,
  )
  if (missing.length === 0) return
  throw new Refusal(400, [], Object.fromEntries(missing.map(({ id, name }) => [id, `${name} is required.`])))
}

function commentOf(update: unknown): unknown {
  const { comment } = (update ?? {}) as { comment?: readonly { add?: { body?: unknown } }[] }
  return comment?.[0]?.add?.body
}

function hasComment({ comment = true }: NonNullable<SandboxTransition['screen']>): boolean {
  return comment
}

/** Numbers as Jira's own statuses have them. */
function statusId(status: SandboxIssue['status']): string {
  return { 'To Do': '10000', 'In Progress': '3', 'In Review': '10100', Done: '10001' }[status]
}
