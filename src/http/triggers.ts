import { z } from 'zod'
import { changeRule, checkRule, listRules, orderRules, removeRule, type StoredTriggerRule } from '../app/triggers/change-rules.ts'
import { dryRunTrigger, type DryRunExample } from '../app/triggers/dry-run.ts'
import { listSchema } from '../contract/page.ts'
import {
  triggerDryRunSchema,
  triggerListSchema,
  triggerOrderSchema,
  triggerRunQuerySchema,
  triggerRunSchema,
  triggerSchema,
  triggerSettingsSchema,
  type TriggerJson,
  type TriggerRunJson,
  type TriggerSettingsJson,
} from '../contract/trigger.ts'
import { readTriggerRuns, type TriggerRunEntry } from '../db/views/trigger-runs.ts'
import { accountId, issueKey } from '../domain/ids.ts'
import type { DevelopmentEvent, TriggerRule } from '../domain/trigger.ts'
import { toCallerName } from './caller.ts'
import { createCursor, cursorNumber } from './cursor.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { noBody, problems } from './responses.ts'

const params = z.object({ id: z.string().regex(/^[1-9][0-9]{0,15}$/, { error: 'must be the id of a rule' }) })
const tags = ['triggers']
const cursor = createCursor('trigger-runs', cursorNumber)

/** `/triggers`: rules that move issues, and what they did. */
export function registerTriggers(http: HttpApp, context: RouteContext): void {
  registerRuleReading(http, context)
  registerRuleChanges(http, context)
  registerRuleOrder(http, context)
  registerRuns(http, context)
}

function registerRuleReading(http: HttpApp, { app, closing }: RouteContext): void {
  http.get(
    '/triggers',
    {
      schema: {
        operationId: 'listTriggers',
        summary: 'Workflow triggers, in the order in which they are tried',
        tags,
        response: { 200: triggerListSchema, ...problems(401) },
      },
    },
    async () => ({ items: (await listRules(app)).map(toTriggerJson) }),
  )

  http.post(
    '/triggers/dry-run',
    {
      schema: {
        operationId: 'dryRunTrigger',
        summary: 'What a rule would have done with what is stored of the last two weeks; changes nothing',
        tags,
        body: triggerSettingsSchema,
        response: { 200: triggerDryRunSchema, ...problems(400, 401, 403, 409, 422, 502, 503, 504) },
      },
    },
    async ({ body }) => {
      const rule = toRule(body)
      await checkRule(app, rule, closing)
      const { examples, ...found } = await dryRunTrigger(app, { ...rule, id: '' }, closing)
      return { ...found, examples: examples.map(toExampleJson) }
    },
  )
}

function registerRuleChanges(http: HttpApp, { app, closing }: RouteContext): void {
  const answers = { 200: triggerSchema, ...problems(400, 401, 403, 404, 409, 422, 502, 503, 504) }

  http.post(
    '/triggers',
    {
      schema: {
        operationId: 'addTrigger',
        summary: 'Add a rule behind all others',
        tags,
        body: triggerSettingsSchema,
        response: { 201: triggerSchema, ...problems(400, 401, 403, 409, 422, 502, 503, 504) },
      },
    },
    async (request, reply) => {
      const changedBy = toCallerName(request.caller) ?? 'an API token'
      const rule = await changeRule(app, { id: null, rule: toRule(request.body), changedBy }, closing)
      request.logged = { target: rule.name, details: { rule: rule.id } }
      void reply.code(201)
      return toTriggerJson(rule)
    },
  )

  http.put(
    '/triggers/:id',
    {
      schema: {
        operationId: 'changeTrigger',
        summary: 'Change a rule: what is not given becomes what it is for a new one',
        tags,
        params,
        body: triggerSettingsSchema,
        response: answers,
      },
    },
    async (request) => {
      const changedBy = toCallerName(request.caller) ?? 'an API token'
      const rule = await changeRule(app, { id: request.params.id, rule: toRule(request.body), changedBy }, closing)
      request.logged = { target: rule.name, details: { rule: rule.id, enabled: rule.enabled } }
      return toTriggerJson(rule)
    },
  )
}

function registerRuleOrder(http: HttpApp, { app }: RouteContext): void {
  http.put(
    '/triggers',
    {
      schema: {
        operationId: 'orderTriggers',
        summary: 'Change the order in which rules are tried',
        tags,
        body: triggerOrderSchema,
        response: { 200: triggerListSchema, ...problems(400, 401, 403) },
      },
    },
    async ({ body }) => ({ items: (await orderRules(app, body.ids)).map(toTriggerJson) }),
  )

  http.delete(
    '/triggers/:id',
    {
      schema: {
        operationId: 'deleteTrigger',
        summary: 'Delete a rule; what it did stays in the log',
        tags,
        params,
        response: { 204: noBody, ...problems(400, 401, 403, 404) },
      },
    },
    async (request, reply) => {
      const rule = await removeRule(app, request.params.id)
      request.logged = { target: rule.name, details: { rule: rule.id } }
      return reply.code(204).send()
    },
  )
}

function registerRuns(http: HttpApp, { app }: RouteContext): void {
  http.get(
    '/trigger-runs',
    {
      schema: {
        operationId: 'listTriggerRuns',
        summary: 'What workflow triggers did, newest first',
        tags,
        querystring: triggerRunQuerySchema,
        response: { 200: listSchema(triggerRunSchema), ...problems(400, 401) },
      },
    },
    async ({ query }) => {
      const { items, next } = await readTriggerRuns(app.db.read, {
        before: cursor.decode(query.cursor),
        limit: query.limit,
        rule: query.rule || null,
        issue: query.issue ? issueKey(query.issue.toUpperCase()) : null,
        state: query.state || null,
      })
      return { items: items.map(toRunJson), next: cursor.encode(next) }
    },
  )
}

function toRule({ conditions, ...rule }: TriggerSettingsJson): Omit<TriggerRule, 'id'> {
  return { ...rule, conditions: { ...conditions, accounts: conditions.accounts.map(accountId) } }
}

function toTriggerJson({ changedAt, conditions, ...rule }: StoredTriggerRule): TriggerJson {
  const { accounts, repositories, projects, branches, targetBranches, environments, issueTypes, statuses, jql } = conditions
  return {
    ...rule,
    conditions: {
      accounts: [...accounts],
      repositories: [...repositories],
      projects: [...projects],
      branches: [...branches],
      targetBranches: [...targetBranches],
      environments: [...environments],
      issueTypes: [...issueTypes],
      statuses: [...statuses],
      jql,
    },
    changedAt: changedAt.toISOString(),
  }
}

function toRunJson({ id, at, issueKey: issue, rule, state, summary, problem, happened }: TriggerRunEntry): TriggerRunJson {
  return { id: String(id), at: at.toISOString(), issue, rule, state, summary, problem, happened: toHappenedJson(happened) }
}

function toExampleJson({ past, outcome, text }: DryRunExample) {
  const { happened, place, repositoryId, key } = past
  return { issue: key, outcome, text, happened: toHappenedJson({ ...happened, repositoryId, repository: place.repository }) }
}

type Happened = Pick<DevelopmentEvent, 'event' | 'subject' | 'at' | 'facts'> & {
  readonly repository: string
  readonly repositoryId: string
}

function toHappenedJson({ event, subject, at, facts, repository, repositoryId }: Happened): TriggerRunJson['happened'] {
  return { event, subject, at: at.toISOString(), repository, repositoryId, title: facts.title, url: facts.url }
}
