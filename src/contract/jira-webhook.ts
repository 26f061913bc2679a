import { z } from 'zod'
import { timeSchema } from './text.ts'

/** How the connector learns what happens in Jira. No secret is in it. */
export const jiraWebhookSchema = z.object({
  mode: z.enum(['auto', 'manual', 'off']),
  address: z
    .string()
    .describe('Where Jira sends them; before Jira 10 it is followed by a slash and what is made from the secret.'),
  lastArrivedAt: timeSchema.nullable().describe('Of the last verified one, to the minute; null: none ever arrived.'),
  lastEvent: z.string().nullable(),
  installation: z
    .object({ state: z.enum(['installed', 'by-hand']), reason: z.string().nullable(), checkedAt: timeSchema })
    .nullable()
    .describe('What became of the webhook that the connector installs itself; null: it does not, or did not try yet.'),
  steps: z.array(z.string()).describe('How to install it by hand.'),
  poll: z
    .object({
      intervalSeconds: z.number().int().nullable().describe('null: Jira is not asked.'),
      lastAt: timeSchema.nullable(),
      requests: z.number().int(),
      appeared: z.number().int(),
      compared: z.number().int(),
      moved: z.number().int(),
      gone: z.number().int(),
    })
    .describe('The look for what no webhook told, and what the last one found and cost.'),
})

export type JiraWebhookJson = z.infer<typeof jiraWebhookSchema>
