import swagger from '@fastify/swagger'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import type { HttpApp } from './http-app.ts'

/** Collects the routes that are registered after it into the OpenAPI 3.1 document, made of the schemas that they check with. */
export async function registerOpenApi(http: HttpApp, version: string): Promise<void> {
  await http.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'jira-dvcs',
        version,
        description: 'Links the repositories of Git hosts to the issues of a self-hosted Jira.',
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          session: { type: 'apiKey', in: 'cookie', name: 'jira-dvcs', description: SESSION },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
    transform: (route) => {
      const { schema, url } = jsonSchemaTransform(route)
      // What anyone may call says so.
      const open = OPEN.test(url) || route.route.config?.access === 'anyone'
      return { schema: open ? { ...schema, security: [] } : schema, url }
    },
    transformObject: jsonSchemaTransformObject,
  })
}

const SESSION =
  'The cookie of a sign-in; over https its name begins with __Host- or __Secure-. Requests that change something need the ' +
  'csrfToken of GET /api/v1/session in the header x-csrf-token.'

const OPEN = /^\/(healthz|readyz|webhooks\/)/

/** `/api/openapi.json`. */
export function registerOpenApiDocument(http: HttpApp): void {
  http.get('/openapi.json', { schema: { hide: true } }, () => http.swagger())
}
