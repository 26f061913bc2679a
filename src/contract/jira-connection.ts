import { z } from 'zod'
import { addressSchema, connectionStepSchema, secretSchema } from './connection.ts'
import { storedProblemSchema } from './problem.ts'
import { timeSchema } from './text.ts'

const detailSchema = z.enum(['full', 'titles', 'counts'])
const projectKeySchema = z
  .string()
  .max(255)
  .regex(/^[A-Z][A-Z0-9_]*$/, { error: 'must be a project key such as SHOP' })
const deliverySchema = z.array(z.enum(['property', 'link'])).max(2)
const webhooksSchema = z.enum(['auto', 'off'])

const propertySchema = z
  .object({ others: detailSchema, projects: z.record(projectKeySchema, detailSchema) })
  .describe('What the issue property tells, by project.')

/** The connected Jira, without its secrets. */
export const jiraSchema = z.object({
  managedBy: z.enum(['file', 'browser']).nullable().describe('null: no Jira is connected.'),
  url: z.string().nullable(),
  auth: z.enum(['token', 'password']).nullable().describe('How the connector signs in.'),
  user: z.string().nullable().describe('As the last test found it.'),
  version: z.string().nullable().describe('As the last test found it.'),
  property: propertySchema.nullable(),
  delivery: deliverySchema.readonly(),
  webhooks: z.enum(['auto', 'manual', 'off']).nullable(),
  projects: z.number().int().describe('Projects that the connector sees.'),
  state: z
    .enum(['ok', 'failing', 'moved'])
    .nullable()
    .describe(
      '`moved`: it is not the Jira that was connected, or a copy of the connector writes to it, and nothing is written; null: none is connected.',
    ),
  problem: storedProblemSchema.nullable(),
  connectedBy: z.string().nullable(),
  connectedAt: timeSchema.nullable(),
})

const credentials = {
  token: secretSchema.describe('Personal access token. Write-only.'),
  username: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^:\p{Cc}]+$/u, { error: 'must be a name without a colon or control characters' }),
  password: z.string().min(1).max(4000).describe('Write-only.'),
}

/** Absent credentials: the stored ones, which are sent to the stored address alone. */
export const jiraCheckRequestSchema = z.strictObject({
  url: addressSchema,
  ...z.object(credentials).partial().shape,
  delivery: deliverySchema.min(1).optional(),
})

export const jiraCheckSchema = z.object({
  ok: z.boolean(),
  steps: z.array(connectionStepSchema).readonly(),
  user: z.string().nullable(),
  version: z.string().nullable(),
  permissions: z
    .array(
      z.object({
        name: z.string().describe('As Jira calls it, such as Edit Issues.'),
        project: z.string().nullable().describe('null: a global permission.'),
        granted: z.boolean(),
        needed: z.boolean().describe('false: something is better with it, and all works without.'),
        neededFor: z.string(),
      }),
    )
    .readonly(),
})

/** What is not given stays, or has its default. It is tested before it is stored. */
export const jiraChangeSchema = z.strictObject({
  ...jiraCheckRequestSchema.shape,
  property: propertySchema.optional(),
  webhooks: webhooksSchema.optional(),
})

/** Accounts of the DVCS connector that is built into Jira. */
export const builtInConnectorSchema = z.object({
  available: z.boolean(),
  reason: z.string().nullable().describe('Why nothing can be told.'),
  accounts: z
    .array(
      z.object({
        name: z.string(),
        host: z.string().describe('As the built-in connector calls its kind, such as `gitlab` or `github`.'),
        url: z.string().nullable(),
        repositories: z.object({ total: z.number().int(), enabled: z.number().int() }),
        smartCommits: z.boolean().describe('It executes smart commits in at least one enabled repository.'),
        supported: z.boolean().describe('This connector can take it over.'),
      }),
    )
    .readonly(),
})

export type JiraJson = z.infer<typeof jiraSchema>
export type JiraCheckRequest = z.infer<typeof jiraCheckRequestSchema>
export type BuiltInConnectorJson = z.infer<typeof builtInConnectorSchema>
export type JiraCheckJson = z.infer<typeof jiraCheckSchema>
export type JiraChange = z.infer<typeof jiraChangeSchema>
