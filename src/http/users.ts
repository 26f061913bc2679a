import { z } from 'zod'
import { addUser, changeUserBy, removeUser } from '../app/identity/change-users.ts'
import { listSchema, pageQuerySchema } from '../contract/page.ts'
import { newUserSchema, userChangeSchema, userSchema, type UserJson } from '../contract/users.ts'
import { readUsers } from '../db/views/identity.ts'
import type { User } from '../domain/identity.ts'
import { createCursor, cursorNumber } from './cursor.ts'
import type { HttpApp } from './http-app.ts'
import { noBody, problems } from './responses.ts'
import type { SignInContext } from './sign-in-context.ts'

const params = z.object({ id: z.string() })
const tags = ['users']
const cursor = createCursor('users', cursorNumber)

/** `/users`: who may sign in. */
export function registerUsers(http: HttpApp, context: SignInContext): void {
  registerUserList(http, context)
  registerUserChanges(http, context)
}

function registerUserList(http: HttpApp, { app, closing, passwords }: SignInContext): void {
  http.get(
    '/users',
    {
      schema: {
        operationId: 'listUsers',
        summary: 'Users, the oldest first: local ones, and people of Jira who signed in here',
        tags,
        querystring: pageQuerySchema,
        response: { 200: listSchema(userSchema), ...problems(400, 401) },
      },
    },
    async ({ query }) => {
      const page = await readUsers(app.db.read, { after: cursor.decode(query.cursor), limit: query.limit })
      return { items: page.items.map(toUserJson), next: cursor.encode(page.next) }
    },
  )

  http.post(
    '/users',
    {
      schema: {
        operationId: 'addUser',
        summary: 'Add a local user, who is an administrator',
        tags,
        body: newUserSchema,
        response: { 201: userSchema, ...problems(400, 401, 403, 409) },
      },
    },
    async (request, reply) => {
      const user = await addUser(app, { user: request.body, passwords }, closing)
      request.logged = { target: user.name }
      void reply.code(201)
      return toUserJson(user)
    },
  )
}

function registerUserChanges(http: HttpApp, { app, closing, passwords }: SignInContext): void {
  http.patch(
    '/users/:id',
    {
      schema: {
        operationId: 'changeUser',
        summary: 'Change a user: display name, password, disabled',
        tags,
        params,
        body: userChangeSchema,
        response: { 200: userSchema, ...problems(400, 401, 403, 404, 409) },
      },
    },
    async (request) => {
      const { caller, body } = request
      const own = caller?.kind === 'session' ? caller.signedIn : null
      const by = own === null ? null : { userId: own.user.id, sessionId: own.session.id }
      const user = await changeUserBy(app, { ...body, id: request.params.id, by, passwords }, closing)
      const { displayName, disabled, password } = body
      request.logged = {
        target: user.name,
        details: {
          ...(displayName === undefined ? {} : { displayName }),
          ...(disabled === undefined ? {} : { disabled }),
          ...(password === undefined ? {} : { passwordChanged: true }),
        },
      }
      return toUserJson(user)
    },
  )

  http.delete(
    '/users/:id',
    {
      schema: {
        operationId: 'deleteUser',
        summary: 'Delete a user and end their sessions; API tokens that they made stay',
        tags,
        params,
        response: { 204: noBody, ...problems(401, 403, 404, 409) },
      },
    },
    async (request, reply) => {
      const user = await removeUser(app, request.params.id)
      request.logged = { target: user.name, details: { source: user.source } }
      return reply.code(204).send()
    },
  )
}

function toUserJson({ id, name, displayName, source, createdAt, disabled }: User): UserJson {
  return { id, name, displayName, source, createdAt: createdAt.toISOString(), disabled }
}
