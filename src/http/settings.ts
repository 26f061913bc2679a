import type { ShownOption } from '../config/shown-options.ts'
import { settingsSchema } from '../contract/settings.ts'
import type { HttpApp } from './http-app.ts'
import { problems } from './responses.ts'

/** `/settings`: the options in force, without secrets. */
export function registerSettings(http: HttpApp, options: readonly ShownOption[]): void {
  http.get(
    '/settings',
    {
      schema: {
        operationId: 'getSettings',
        summary: 'The options in force on this node, and which of them the configuration file sets; no secrets',
        tags: ['settings'],
        response: { 200: settingsSchema, ...problems(401) },
      },
    },
    () => ({
      options: options.map(({ name, value, isDeclared, description }) => ({
        name,
        value,
        managedBy: isDeclared ? ('file' as const) : ('default' as const),
        description,
      })),
    }),
  )
}
