import { z } from 'zod'
import { beginSignIn, redirectUri } from '../app/credentials/sign-in.ts'
import { requestAccountDeletion } from '../app/accounts/delete-account.ts'
import { refreshAccount, saveTestedAccount } from '../app/accounts/change-accounts.ts'
import { findSmartCommitsTwice } from '../app/jira/smart-commits-twice.ts'
import {
  ACCOUNT_ID_PATTERN,
  accountChangeSchema,
  accountDeletionQuerySchema,
  accountSchema,
  authorizationSchema,
  deletionPreviewSchema,
  newAccountSchema,
  savedAccountSchema,
  type AccountChange,
  type AccountJson,
} from '../contract/account.ts'
import { listSchema, pageQuerySchema } from '../contract/page.ts'
import { readDeletionPreview } from '../db/views/deletion-preview.ts'
import { readAccount, readAccounts, type AccountOverview, type AccountPosition } from '../db/views/accounts.ts'
import { accountId, type AccountId } from '../domain/ids.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import { toAccountJson, toChangedSettings, toNewSettings, toTypedSecrets } from './account-json.ts'
import { toAsker, toCallerName } from './caller.ts'
import { createCursor, cursorText } from './cursor.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { problems } from './responses.ts'

const params = z.object({ id: z.string() })
const tags = ['accounts']
const cursor = createCursor<AccountPosition>('accounts', z.object({ name: cursorText, id: cursorText }))

/** `/accounts`: DVCS accounts. */
export function registerAccounts(http: HttpApp, context: RouteContext): void {
  registerAccountReading(http, context)
  registerAccountChanges(http, context)
  registerAccountWork(http, context)
  registerSignIn(http, context)
}

function registerAccountReading(http: HttpApp, { app }: RouteContext): void {
  http.get(
    '/accounts',
    {
      schema: {
        operationId: 'listAccounts',
        summary: 'Accounts by name',
        tags,
        querystring: pageQuerySchema,
        response: { 200: listSchema(accountSchema), ...problems(400, 401) },
      },
    },
    async ({ query }) => {
      const page = await readAccounts(app.db.read, { after: cursor.decode(query.cursor), limit: query.limit })
      const items = await Promise.all(page.items.map((one) => toShownAccount(app, one)))
      return { items, next: cursor.encode(page.next) }
    },
  )

  http.get(
    '/accounts/:id',
    {
      schema: {
        operationId: 'getAccount',
        summary: 'One account',
        tags,
        params,
        response: { 200: accountSchema, ...problems(401, 404) },
      },
    },
    async (request) => toShownAccount(app, await getOverview(app.db.read, parseAccountId(request.params.id))),
  )
}

function registerAccountChanges(http: HttpApp, { app, secretBox, closing }: RouteContext): void {
  http.post(
    '/accounts',
    {
      schema: {
        operationId: 'createAccount',
        summary: 'Create an account; its connection is tested first',
        tags,
        body: newAccountSchema,
        response: { 201: savedAccountSchema, ...problems(400, 401, 409, 422, 502) },
      },
    },
    async (request, reply) => {
      const { body, caller } = request
      const settings = toNewSettings(body)
      request.logged = { target: settings.id }
      const change = { settings, secrets: toTypedSecrets(body), secretBox, isNew: true, configuredBy: toCallerName(caller) }
      await saveTestedAccount(app, change, closing)
      void reply.code(201).header('location', `/api/v1/accounts/${encodeURIComponent(settings.id)}`)
      return { ...(await toShownAccount(app, await getOverview(app.db.read, settings.id))), ...toSignInJson(app, body) }
    },
  )

  http.patch(
    '/accounts/:id',
    {
      schema: {
        operationId: 'changeAccount',
        summary: 'Change an account; its connection is tested first',
        tags,
        params,
        body: accountChangeSchema,
        response: { 200: savedAccountSchema, ...problems(400, 401, 404, 409, 422, 502) },
      },
    },
    async ({ params: { id }, body, caller }) => {
      const { account } = await getOverview(app.db.read, parseAccountId(id))
      const settings = toChangedSettings(account, body)
      const change = { settings, secrets: toTypedSecrets(body), secretBox, isNew: false, configuredBy: toCallerName(caller) }
      await saveTestedAccount(app, change, closing)
      return { ...(await toShownAccount(app, await getOverview(app.db.read, account.id))), ...toSignInJson(app, body) }
    },
  )
}

function toSignInJson(app: RouteContext['app'], { oauth }: AccountChange) {
  return oauth === undefined ? {} : { oauth: { redirectUri: redirectUri(app), signInNeeded: true } }
}

function registerAccountWork(http: HttpApp, { app }: RouteContext): void {
  http.delete(
    '/accounts/:id',
    {
      schema: {
        operationId: 'deleteAccount',
        summary: 'Delete an account with its repositories and what is stored of them; a job does it, and goes on after a restart',
        tags,
        params,
        querystring: accountDeletionQuerySchema,
        response: { 202: accountSchema, ...problems(400, 401, 404, 409) },
      },
    },
    async (request, reply) => {
      const id = parseAccountId(request.params.id)
      await requestAccountDeletion(app, id, request.query)
      void reply.code(202)
      return toShownAccount(app, await getOverview(app.db.read, id))
    },
  )

  http.get(
    '/accounts/:id/deletion-preview',
    {
      schema: {
        operationId: 'previewAccountDeletion',
        summary: 'What a deletion of an account would take',
        tags,
        params,
        response: { 200: deletionPreviewSchema, ...problems(401, 404) },
      },
    },
    async (request) => {
      const { account } = await getOverview(app.db.read, parseAccountId(request.params.id))
      return readDeletionPreview(app.db.read, account.id)
    },
  )

  http.post(
    '/accounts/:id/refresh',
    {
      schema: {
        operationId: 'refreshAccount',
        summary: 'List the repositories again, then soft-sync what may have changed',
        tags,
        params,
        response: { 202: accountSchema, ...problems(401, 404, 409) },
      },
    },
    async (request, reply) => {
      const id = parseAccountId(request.params.id)
      await refreshAccount(app, id, toAsker(request.caller))
      void reply.code(202)
      return toShownAccount(app, await getOverview(app.db.read, id))
    },
  )
}

function registerSignIn(http: HttpApp, { app, secretBox }: RouteContext): void {
  http.post(
    '/accounts/:id/authorize',
    {
      schema: {
        operationId: 'authorizeAccount',
        summary: 'Begin the sign-in of an account with an OAuth application',
        tags,
        params,
        response: { 200: authorizationSchema, ...problems(401, 404, 409) },
      },
    },
    async (request) => {
      const begun = await beginSignIn(app, secretBox, parseAccountId(request.params.id))
      return { ...begun, expiresAt: begun.expiresAt.toISOString() }
    },
  )
}

/** An id as a path names it. What cannot be one does not exist. */
export function parseAccountId(text: string): AccountId {
  if (!ACCOUNT_ID_PATTERN.test(text)) throw accountNotFound(text)
  return accountId(text)
}

/** An account with what this process knows besides. */
export async function toShownAccount(app: RouteContext['app'], overview: AccountOverview): Promise<AccountJson> {
  const twice = await findSmartCommitsTwice(app, overview.account)
  const warnings = twice === null ? [] : [twice]
  return toAccountJson(overview, { rateLimit: app.connections.rateLimit(overview.account.id), warnings })
}

async function getOverview(db: RouteContext['app']['db']['read'], id: AccountId): Promise<AccountOverview> {
  const overview = await readAccount(db, id)
  if (overview === null) throw accountNotFound(id)
  return overview
}

export function accountNotFound(id: string): ConnectorError {
  return new ConnectorError('account-not-found', { userMessage: `There is no account "${id}".` })
}
