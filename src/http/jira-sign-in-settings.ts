import { callbackOf, testApplicationLink } from '../app/identity/application-link-sign-in.ts'
import { makeApplicationLinkKey } from '../app/identity/application-link.ts'
import { readJiraSignIn, saveJiraSignInChoice } from '../app/identity/jira-sign-in-way.ts'
import { jiraSignInChangeSchema, jiraSignInSchema, type JiraSignInJson } from '../contract/jira-sign-in.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { problems } from './responses.ts'

const tags = ['jira']
const CONSUMER_NAME = 'DVCS connector'

/** `/jira/sign-in`: by which way people of Jira sign in, and the connector's side of an application link. */
export function registerJiraSignInSettings(http: HttpApp, context: RouteContext): void {
  registerChoice(http, context)
  registerApplicationLink(http, context)
}

function registerChoice(http: HttpApp, { app }: RouteContext): void {
  http.get(
    '/jira/sign-in',
    {
      schema: {
        operationId: 'getJiraSignIn',
        summary: 'How people sign in with their account of Jira, and what an application link in Jira is given',
        tags,
        response: { 200: jiraSignInSchema, ...problems(401) },
      },
    },
    () => readJson(app),
  )

  http.put(
    '/jira/sign-in',
    {
      schema: {
        operationId: 'chooseJiraSignIn',
        summary: 'Choose how people sign in with their account of Jira',
        tags,
        body: jiraSignInChangeSchema,
        response: { 200: jiraSignInSchema, ...problems(400, 401) },
      },
    },
    async (request) => {
      const { choice } = request.body
      await app.db.write('interactive', (tx) => saveJiraSignInChoice(tx, choice))
      request.logged = { target: 'jira', details: { choice } }
      return readJson(app)
    },
  )
}

function registerApplicationLink(http: HttpApp, context: RouteContext): void {
  const { app, secretBox, closing } = context
  http.post(
    '/jira/sign-in/key',
    {
      schema: {
        operationId: 'makeApplicationLinkKey',
        summary: 'Make a key pair for the application link; the one before counts no more',
        tags,
        response: { 200: jiraSignInSchema, ...problems(401) },
      },
    },
    async () => {
      await makeApplicationLinkKey({ db: app.db, clock: app.clock, secretBox })
      return readJson(app)
    },
  )

  http.post(
    '/jira/sign-in/test',
    {
      schema: {
        operationId: 'testApplicationLink',
        summary: 'Ask Jira whether it accepts the key of the application link; from then on it is offered for signing in',
        tags,
        response: { 200: jiraSignInSchema, ...problems(401, 409, 502) },
      },
    },
    async () => {
      await testApplicationLink(context, closing)
      return readJson(app)
    },
  )
}

async function readJson(app: RouteContext['app']): Promise<JiraSignInJson> {
  await app.jiraAccess.refresh()
  const { choice, way, version, isProvider, hasClient, link, acceptedAt } = await readJiraSignIn(app)
  return {
    choice,
    way,
    jiraVersion: version,
    provider: isProvider,
    client: hasClient,
    callback: callbackOf(app),
    applicationLink:
      link === null
        ? null
        : {
            address: app.settings.serverUrl,
            consumerKey: link.consumerKey,
            consumerName: CONSUMER_NAME,
            publicKey: link.publicKey,
            madeAt: toTime(link.madeAt),
            acceptedAt: acceptedAt === null ? null : toTime(acceptedAt),
          },
    steps: [...STEPS],
  }
}

/** In the words of Jira 8.14 to 8.21. */
const STEPS: readonly string[] = [
  'In Jira, as an administrator: Administration > Applications > Application links. Enter the address of the connector, and choose "Create new link". (Jira 8.22 and later: Create link > Atlassian product, then the address.)',
  'Jira may say that the address gave no response, or another one: choose "Continue" with the address as it is.',
  'Application Name: DVCS connector. Application Type: Generic Application. Leave the other fields empty, check "Create incoming link", and choose "Continue".',
  'Enter consumer key, consumer name and public key as shown here, and choose "Continue". With a new key pair later: edit the link (the pencil), Incoming Authentication, and enter the public key again.',
  'Come back here, and choose "Test".',
]

const toTime = (ms: number) => new Date(ms).toISOString()
