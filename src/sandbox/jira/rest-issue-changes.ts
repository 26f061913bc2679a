import { mayIn } from './access.ts'
import { type Answer, type Exchange, readJsonObject, Refusal, type Route } from './exchange.ts'
import { issueFor } from './rest-issue.ts'
import type { SandboxIssue } from './types.ts'

/** Creating issues, one or many at once, and deleting them. */
export function issueChangeRoutes(): Route[] {
  return [
    {
      method: 'POST',
      pattern: /^\/rest\/api\/2\/issue$/,
      handle: (exchange) => ({ status: 201, body: create(exchange, readJsonObject(exchange.body)) }),
    },
    { method: 'POST', pattern: /^\/rest\/api\/2\/issue\/bulk$/, handle: createMany },
    { method: 'DELETE', pattern: /^\/rest\/api\/2\/issue\/([^/]+)$/, handle: remove },
  ]
}

/** What cannot be created is told beside what was. */
function createMany(exchange: Exchange): Answer {
  const updates = readJsonObject(exchange.body)['issueUpdates']
  if (!Array.isArray(updates)) throw new Refusal(400, ['issueUpdates must be a list.'])
  const issues: unknown[] = []
  const errors: unknown[] = []
  for (const [failedElementNumber, update] of updates.entries()) {
    try {
      issues.push(create(exchange, toObject(update)))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      errors.push({ status: error.answer.status, elementErrors: error.answer.body, failedElementNumber })
    }
  }
  return { status: issues.length === 0 ? 400 : 201, body: { issues, errors } }
}

function create({ world, user, base }: Exchange, body: Record<string, unknown>) {
  const fields = toObject(body['fields'])
  const { key, id } = toObject(fields['project'])
  const project = world.findProject(toText(key) ?? toText(id) ?? '')
  if (project === null || !mayIn(project, user, 'EDIT_ISSUES'))
    throw new Refusal(400, [], { project: 'valid project is required' })
  const summary = toText(fields['summary'])
  if (summary === null || summary === '') throw new Refusal(400, [], { summary: 'You must specify a summary of the issue.' })
  const type = (toText(toObject(fields['issuetype'])['name']) ?? 'Task') as SandboxIssue['type']
  const issue = world.createIssue({ project: project.key, summary, type, reporter: user?.name ?? null })
  return { id: issue.id, key: issue.key, self: `${base}/rest/api/2/issue/${issue.id}` }
}

function remove(exchange: Exchange, [idOrKey = '']: string[]): Answer {
  exchange.world.deleteIssue(issueFor(exchange, idOrKey, 'ADMINISTER_PROJECTS').id)
  return { status: 204 }
}

const toText = (value: unknown) => (typeof value === 'string' ? value : null)

function toObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
