import { readBuiltInConnector } from '../app/jira/built-in-connector.ts'
import { checkJira } from '../app/jira/check-jira.ts'
import { acceptConnectedJira, connectJira, countJiraProjects, readJiraState } from '../app/jira/connect-jira.ts'
import { findJiraFacts } from '../app/jira/jira-facts.ts'
import {
  builtInConnectorSchema,
  jiraChangeSchema,
  jiraCheckRequestSchema,
  jiraCheckSchema,
  jiraSchema,
  type JiraCheckRequest,
  type JiraJson,
} from '../contract/jira-connection.ts'
import type { JiraAuth } from '../app/jira/jira-settings.ts'
import { toCallerName } from './caller.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { InvalidRequest } from './problem-document.ts'
import { problems } from './responses.ts'

const tags = ['jira']

/** `/jira`: which one is connected, and how it becomes another one. */
export function registerJiraConnection(http: HttpApp, context: RouteContext): void {
  registerReading(http, context)
  registerChanges(http, context)
}

function registerReading(http: HttpApp, { app, closing }: RouteContext): void {
  http.get(
    '/jira',
    {
      schema: {
        operationId: 'getJira',
        summary: 'The connected Jira, without secrets',
        tags,
        response: { 200: jiraSchema, ...problems(401) },
      },
    },
    async () => readJson(app),
  )

  http.get(
    '/jira/built-in-connector',
    {
      schema: {
        operationId: 'getBuiltInConnector',
        summary: "What Jira's built-in DVCS connector has linked, to take it over",
        tags,
        response: { 200: builtInConnectorSchema, ...problems(401, 409, 502) },
      },
    },
    async () => readBuiltInConnector(app, closing),
  )

  http.post(
    '/jira/check',
    {
      schema: {
        operationId: 'checkJira',
        summary: 'Test a connection to Jira step by step; nothing is stored',
        tags,
        body: jiraCheckRequestSchema,
        response: { 200: jiraCheckSchema, ...problems(400, 401) },
      },
    },
    async ({ body }) => {
      await app.jiraAccess.refresh()
      const delivery = body.delivery ?? app.jiraAccess.describe()?.delivery ?? ['property']
      const result = await checkJira(app, { url: body.url, auth: toAuth(body), delivery }, closing)
      const steps = result.steps.map(({ name, ok, message, remedy }) => ({ name, ok, message, remedy }))
      return { ...result, steps }
    },
  )
}

function registerChanges(http: HttpApp, { app, closing }: RouteContext): void {
  http.put(
    '/jira',
    {
      schema: {
        operationId: 'connectJira',
        summary: 'Connect a Jira, or change how; the connection is tested first',
        tags,
        body: jiraChangeSchema,
        response: { 200: jiraSchema, ...problems(400, 401, 409, 422) },
      },
    },
    async ({ body, caller }) => {
      await app.jiraAccess.refresh()
      const before = app.jiraAccess.describe()
      const jira = {
        url: body.url,
        auth: toAuth(body),
        property: body.property ?? before?.property ?? { others: 'full' as const, projects: {} },
        delivery: body.delivery ?? before?.delivery ?? ['property' as const],
        webhooks: body.webhooks ?? before?.webhooks ?? ('auto' as const),
        connectedBy: toCallerName(caller),
        connectedAt: app.clock.now().getTime(),
      }
      await connectJira(app, jira, closing)
      return readJson(app)
    },
  )

  http.post(
    '/jira/accept-moved',
    {
      schema: {
        operationId: 'acceptMovedJira',
        summary: 'Say that the connected Jira is the one from before, moved: its issues are looked up and compared again',
        tags,
        response: { 200: jiraSchema, ...problems(401, 409, 502) },
      },
    },
    async () => {
      await acceptConnectedJira(app, closing)
      return readJson(app)
    },
  )
}

/** @throws InvalidRequest both ways to sign in, or half of one */
function toAuth({ token, username, password }: JiraCheckRequest): JiraAuth | null {
  if (token === undefined && username === undefined && password === undefined) return null
  if (token !== undefined && username === undefined && password === undefined) return { token }
  if (token === undefined && username !== undefined && password !== undefined) return { username, password }
  const message = 'or "username" and "password" are needed, and only one of both ways'
  throw new InvalidRequest([{ in: 'body', field: 'token', message }])
}

async function readJson(app: RouteContext['app']): Promise<JiraJson> {
  await app.jiraAccess.refresh()
  const description = app.jiraAccess.describe()
  const [{ state, problem }, projects] = await Promise.all([readJiraState(app), countJiraProjects(app)])
  if (description === null) return { ...NOT_CONNECTED, projects }
  const facts = await findJiraFacts(app.db.read, description.url)
  const { connectedAt, property, delivery, ...rest } = description
  return {
    ...rest,
    property: { others: property.others, projects: { ...property.projects } },
    delivery: [...delivery],
    user: facts?.user ?? null,
    version: facts?.version ?? null,
    projects,
    state,
    problem,
    connectedAt: connectedAt?.toISOString() ?? null,
  }
}

const NOT_CONNECTED: JiraJson = {
  managedBy: null,
  url: null,
  auth: null,
  user: null,
  version: null,
  property: null,
  delivery: [],
  webhooks: null,
  projects: 0,
  state: null,
  problem: null,
  connectedBy: null,
  connectedAt: null,
}
