import { changeIssueKeyRules } from '../app/issue-keys/change-issue-keys.ts'
import { previewIssueKeys } from '../app/issue-keys/preview-issue-keys.ts'
import type { ShownOption } from '../config/shown-options.ts'
import { issueKeyPreviewSchema, issueKeyRulesSchema, settingsSchema, type SettingsJson } from '../contract/settings.ts'
import { toAsker } from './caller.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { problems } from './responses.ts'

const tags = ['settings']

/** `/settings`: what is in force, without secrets, and the rules for issue keys, which change without a restart. */
export function registerSettings(http: HttpApp, { app }: RouteContext, options: readonly ShownOption[]): void {
  const readJson = async (): Promise<SettingsJson> => {
    const { anyCaseIn, pullRequestCommits } = await app.issueKeyRules.refresh()
    return {
      issueKeys: { anyCaseIn: [...anyCaseIn], pullRequestCommits, managedBy: app.issueKeyRules.managedBy },
      options: options.flatMap(toOptionJson),
    }
  }

  http.get(
    '/settings',
    {
      schema: {
        operationId: 'getSettings',
        summary: 'The options in force on this node, and which of them the configuration file sets; no secrets',
        tags,
        response: { 200: settingsSchema, ...problems(401) },
      },
    },
    readJson,
  )

  http.put(
    '/settings/issue-keys',
    {
      schema: {
        operationId: 'changeIssueKeyRules',
        summary: 'Change where issue keys count; every linked repository is looked through again',
        tags,
        body: issueKeyRulesSchema,
        response: { 200: settingsSchema, ...problems(400, 401, 409) },
      },
    },
    async (request) => {
      const { body, caller } = request
      await changeIssueKeyRules(app, { ...body, anyCaseIn: [...new Set(body.anyCaseIn)] }, toAsker(caller))
      request.logged = { target: 'issue-keys', details: body }
      return readJson()
    },
  )

  http.post(
    '/settings/issue-keys/preview',
    {
      schema: {
        operationId: 'previewIssueKeyRules',
        summary: 'What other rules for issue keys would link and unlink, by what is stored; nothing is changed',
        tags,
        body: issueKeyRulesSchema,
        response: { 200: issueKeyPreviewSchema, ...problems(400, 401) },
      },
    },
    async ({ body }) => previewIssueKeys(app, body),
  )
}

function toOptionJson({ name, value, isDeclared, description }: ShownOption): SettingsJson['options'] {
  // The rules for issue keys may come from the browser: they are told apart.
  if (name.startsWith('issueKeys.')) return []
  return [{ name, value, managedBy: isDeclared ? 'file' : 'default', description }]
}
