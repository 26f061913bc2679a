import { z } from 'zod'
import { connectionStepSchema } from './connection.ts'
import { webhookLevelSchema } from './account-webhooks.ts'

const count = z.number().int()

/** What an account would be and cost; nothing of it is stored. */
export const dryRunSchema = z.object({
  ok: z.boolean().describe('Every step succeeded; else what follows the steps is empty.'),
  steps: z.array(connectionStepSchema).readonly(),
  repositories: z.object({
    total: count.nullable().describe('As the Git host counts them; null: it does not tell, and there are more than were listed.'),
    listed: count.describe('At most 1,000 are listed.'),
    linked: count.describe('Of those listed, by `include` and `exclude`.'),
    sample: z.array(z.object({ name: z.string(), url: z.string(), linked: z.boolean() })).readonly(),
  }),
  missingRights: z
    .array(z.object({ what: z.string(), neededFor: z.string(), remedy: z.string().nullable() }))
    .readonly()
    .describe('What works without them works; this does not.'),
  webhooks: z
    .object({ level: webhookLevelSchema, reason: z.string() })
    .nullable()
    .describe('What would be set up; null: the connection failed.'),
  estimate: z
    .object({ requests: count, minutes: z.number() })
    .nullable()
    .describe('Of the first synchronisation, roughly: see docs/gitlab.md; null: the connection failed.'),
})

export type DryRunJson = z.infer<typeof dryRunSchema>
