import { z } from 'zod'

/** Answers of Jira's REST API, version 2: only the fields that are used. */
export const serverInfoSchema = z.object({
  baseUrl: z.string(),
  version: z.string(),
  versionNumbers: z.array(z.number()).min(2),
  deploymentType: z.string().optional(),
  buildNumber: z.union([z.number(), z.string()]).optional(),
  serverTitle: z.string().optional(),
})

export const manifestSchema = z.object({ id: z.string().min(1), typeId: z.string() })

export const myselfSchema = z.object({ name: z.string(), key: z.string().optional(), displayName: z.string().default('') })

export const myPermissionsSchema = z.object({
  permissions: z.record(z.string(), z.object({ havePermission: z.boolean() })),
})

export const projectsSchema = z.array(
  z.object({
    id: z.string(),
    key: z.string(),
    name: z.string(),
    projectKeys: z.array(z.string()).optional(),
  }),
)

export const applicationPropertySchema = z.object({ key: z.string(), value: z.string().nullish() })

export const issuePropertySchema = z.object({ value: z.unknown() })

/** What is no mark of ours counts as one that nobody knows. */
export const connectorMarkSchema = z.object({
  value: z.object({ mark: z.string(), url: z.string() }).catch({ mark: '', url: '' }),
})

export const issueSchema = z.object({ id: z.string().regex(/^\d+$/), key: z.string() })

export const summarySchema = z.object({ fields: z.object({ summary: z.string().nullish() }) })

export const searchSchema = z.object({ total: z.number(), issues: z.array(issueSchema) })

const errorSchema = z.object({
  errorMessages: z.array(z.string()).optional(),
  errors: z.record(z.string(), z.unknown()).optional(),
  message: z.string().optional(),
})

/** Jira's own words in a failed answer; empty when it used none that can be read. */
export function parseErrorAnswer(body: Buffer): string[] {
  const parsed = errorSchema.safeParse(parseJson(body))
  if (!parsed.success) return []
  const { errorMessages = [], errors = {}, message } = parsed.data
  const fields = Object.entries(errors).map(([field, text]) => `${field}: ${String(text)}`)
  return [...errorMessages, ...fields, ...(message === undefined ? [] : [message])]
}

/** The parsed body, or undefined when it is not JSON. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
