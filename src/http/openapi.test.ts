import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

const METHODS = ['get', 'post', 'patch', 'delete', 'put'] as const
const schema = z.union([z.record(z.string(), z.unknown()), z.boolean()])
const contentSchema = z.record(z.string(), z.object({ schema }))
const operationSchema = z.object({
  operationId: z.string().regex(/^[a-z][A-Za-z]+$/),
  summary: z.string().min(3),
  tags: z.array(z.string()).length(1),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.enum(['path', 'query']),
        required: z.boolean().optional(),
        schema,
        description: z.string().optional(),
      }),
    )
    .optional(),
  requestBody: z
    .object({ content: contentSchema, required: z.boolean().optional(), description: z.string().optional() })
    .optional(),
  responses: z.record(
    z.string().regex(/^[2-5]\d\d$/),
    z.object({ description: z.string().min(1), content: contentSchema.optional() }),
  ),
})
const documentSchema = z.object({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.object({ title: z.string(), version: z.literal('1.2.3') }),
  components: z.object({
    securitySchemes: z.object({
      token: z.object({ type: z.literal('http'), scheme: z.literal('bearer') }),
      session: z.object({ type: z.literal('apiKey'), in: z.literal('cookie'), name: z.string() }),
    }),
    schemas: z.record(z.string(), schema).optional(),
  }),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  paths: z.record(z.string().startsWith('/'), z.partialRecord(z.enum(METHODS), operationSchema)),
})

let t: TestHttpApp
let document: z.infer<typeof documentSchema>
beforeAll(async () => {
  t = await startTestHttpApp()
  document = documentSchema.parse((await t.send('GET', '/api/openapi.json')).json())
})
afterAll(() => t.dispose())

const operations = () =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  )

describe('the OpenAPI document', () => {
  test('names every route of the contract', () => {
    expect(
      operations()
        .map(({ method, path }) => `${method.toUpperCase()} ${path}`)
        .toSorted(),
    ).toEqual([
      'DELETE /api/v1/accounts/{id}',
      'DELETE /api/v1/issues/{key}/links/{linkId}',
      'DELETE /api/v1/profile/smart-commits/aliases/{email}',
      'DELETE /api/v1/profile/smart-commits/token',
      'DELETE /api/v1/repositories/{id}/sync',
      'DELETE /api/v1/session',
      'DELETE /api/v1/sessions',
      'DELETE /api/v1/smart-commit-aliases/{email}',
      'DELETE /api/v1/tokens/{id}',
      'DELETE /api/v1/triggers/{id}',
      'DELETE /api/v1/users/{id}',
      'GET /api/v1/accounts',
      'GET /api/v1/accounts/{id}',
      'GET /api/v1/accounts/{id}/deletion-preview',
      'GET /api/v1/accounts/{id}/drift',
      'GET /api/v1/accounts/{id}/webhooks',
      'GET /api/v1/admin-log',
      'GET /api/v1/deliveries',
      'GET /api/v1/deliveries/{id}',
      'GET /api/v1/explain',
      'GET /api/v1/explain/visibility',
      'GET /api/v1/issues/{key}/create-branch',
      'GET /api/v1/issues/{key}/development',
      'GET /api/v1/issues/{key}/links',
      'GET /api/v1/jira',
      'GET /api/v1/jira-app',
      'GET /api/v1/jira-app/certificate',
      'GET /api/v1/jira-app/jar',
      'GET /api/v1/jira/built-in-connector',
      'GET /api/v1/jira/sign-in',
      'GET /api/v1/jira/webhook',
      'GET /api/v1/overview',
      'GET /api/v1/profile/smart-commits',
      'GET /api/v1/repositories',
      'GET /api/v1/repositories/summary',
      'GET /api/v1/repositories/{id}',
      'GET /api/v1/repositories/{id}/statistics',
      'GET /api/v1/repositories/{id}/syncs',
      'GET /api/v1/session',
      'GET /api/v1/sessions',
      'GET /api/v1/settings',
      'GET /api/v1/setup',
      'GET /api/v1/smart-commit-aliases',
      'GET /api/v1/smart-commit-trust',
      'GET /api/v1/smart-commits',
      'GET /api/v1/smart-commits/{id}',
      'GET /api/v1/stream',
      'GET /api/v1/tokens',
      'GET /api/v1/trigger-runs',
      'GET /api/v1/triggers',
      'GET /api/v1/users',
      'GET /healthz',
      'GET /readyz',
      'GET /rest/bitbucket/1.0/repositories',
      'GET /rest/bitbucket/1.0/repository/{id}',
      'GET /rest/dev-status/1.0/issue/detail',
      'GET /rest/dev-status/1.0/issue/summary',
      'PATCH /api/v1/accounts/{id}',
      'PATCH /api/v1/repositories/{id}',
      'PATCH /api/v1/users/{id}',
      'POST /api/v1/accounts',
      'POST /api/v1/accounts/dry-run',
      'POST /api/v1/accounts/{id}/authorize',
      'POST /api/v1/accounts/{id}/refresh',
      'POST /api/v1/accounts/{id}/rotate-webhook-secret',
      'POST /api/v1/deliveries/{id}/replay',
      'POST /api/v1/issues/{key}/commits/{sha}/files',
      'POST /api/v1/issues/{key}/links',
      'POST /api/v1/issues/{key}/refresh',
      'POST /api/v1/jira/accept-moved',
      'POST /api/v1/jira/check',
      'POST /api/v1/jira/sign-in/key',
      'POST /api/v1/jira/sign-in/test',
      'POST /api/v1/profile/smart-commits/aliases',
      'POST /api/v1/repositories/bulk',
      'POST /api/v1/repositories/{id}/sync',
      'POST /api/v1/session',
      'POST /api/v1/session/jira-token',
      'POST /api/v1/settings/issue-keys/preview',
      'POST /api/v1/setup',
      'POST /api/v1/smart-commits/{id}/execute',
      'POST /api/v1/tokens',
      'POST /api/v1/triggers',
      'POST /api/v1/triggers/dry-run',
      'POST /api/v1/users',
      'POST /rest/bitbucket/1.0/repository/{id}/fullsync',
      'POST /rest/bitbucket/1.0/repository/{id}/softsync',
      'POST /rest/bitbucket/1.0/repository/{id}/sync',
      'POST /webhooks/jira',
      'POST /webhooks/jira/{secret}',
      'POST /webhooks/{accountId}',
      'PUT /api/v1/jira',
      'PUT /api/v1/jira/sign-in',
      'PUT /api/v1/profile/smart-commits/token',
      'PUT /api/v1/settings/issue-keys',
      'PUT /api/v1/smart-commit-aliases/{email}',
      'PUT /api/v1/smart-commit-trust',
      'PUT /api/v1/triggers',
      'PUT /api/v1/triggers/{id}',
    ])
  })

  test('has unique operation ids, and the parameters that the paths name', () => {
    const ids = operations().map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { path, operation } of operations()) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
      expect(declared.map(({ name }) => name)).toEqual(inPath)
      expect(declared.every(({ required }) => required)).toBe(true)
    }
  })

  test('says where a token is needed, and what comes without one', () => {
    expect(document.security).toEqual([{ token: [] }, { session: [] }])
    const signIn = new Set(['get /api/v1/setup', 'post /api/v1/setup', 'get /api/v1/session', 'post /api/v1/session'])
    for (const { path, method, operation } of operations()) {
      const isOpen = /^\/(healthz|readyz|webhooks)|jira-token$/.test(path) || signIn.has(`${method} ${path}`)
      expect(operation.security, path).toEqual(isOpen ? [] : undefined)
      if (!isOpen) expect(Object.keys(operation.responses), path).toContain('401')
    }
  })

  test('describes every failure as a problem', () => {
    const others = operations().flatMap(({ path, operation }) =>
      Object.entries(operation.responses)
        .filter(
          ([status, { content = {} }]) => Number(status) >= 400 && Object.keys(content).join() !== 'application/problem+json',
        )
        .map(([status]) => `${path} ${status}`),
    )
    expect(others).toEqual([])
  })

  test('holds schemas that a validator takes, and that the answers meet', async () => {
    const ajv = new Ajv2020({ strict: true, allErrors: true })
    addFormats.default(ajv)
    const schemas = operations().flatMap(({ operation }) => [
      ...(operation.parameters ?? []).map((parameter) => parameter.schema),
      ...Object.values(operation.requestBody?.content ?? {}).map((content) => content.schema),
      ...Object.values(operation.responses).flatMap((response) =>
        Object.values(response.content ?? {}).map((content) => content.schema),
      ),
    ])
    for (const one of schemas) expect(() => ajv.compile(one)).not.toThrow()

    const list = document.paths['/api/v1/accounts']?.get?.responses['200']?.content?.['application/json']?.schema
    const problem = document.paths['/api/v1/accounts/{id}']?.get?.responses['404']?.content?.['application/problem+json']?.schema
    expect(ajv.validate(list ?? false, (await t.send('GET', '/api/v1/accounts')).json())).toBe(true)
    expect(ajv.validate(problem ?? false, (await t.send('GET', '/api/v1/accounts/nobody')).json())).toBe(true)
  })

  test('shows no secret in an answer', () => {
    for (const { operation } of operations()) {
      // A flag of that name is none.
      const texts = JSON.stringify(operation.responses).replaceAll('"token":{"type":"boolean"', '')
      expect(texts).not.toMatch(/"(token|webhookAdminToken|webhookSecret|password|currentPassword)":/)
    }
  })
})
