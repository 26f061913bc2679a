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
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: (route) => {
      const { schema, url } = jsonSchemaTransform(route)
      // What anyone may call says so.
      return { schema: OPEN.test(url) ? { ...schema, security: [] } : schema, url }
    },
    transformObject: jsonSchemaTransformObject,
  })
}

const OPEN = /^\/(healthz|readyz|webhooks\/)/

/** `/api/openapi.json`. */
export function registerOpenApiDocument(http: HttpApp): void {
  http.get('/openapi.json', { schema: { hide: true } }, () => http.swagger())
}
