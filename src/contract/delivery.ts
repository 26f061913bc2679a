import { z } from 'zod'
import { pageQuerySchema } from './page.ts'
import { storedProblemSchema } from './problem.ts'
import { filterSchema, timeSchema } from './text.ts'

const kinds = [
  'property',
  'link',
  'property-deletion',
  'link-deletion',
  'comment',
  'worklog',
  'transition',
  'webhook',
  'webhook-deletion',
] as const
const states = ['pending', 'done', 'ignored', 'failed', 'dead'] as const

/** `state`: those of writes to Jira are `done` and `failed` alone. */
export const deliveryQuerySchema = pageQuerySchema.extend({
  direction: z.enum(['in', 'out']).default('in').describe('`in`: webhooks received; `out`: writes to Jira.'),
  state: z.enum([...states, '']).optional(),
  repository: filterSchema.describe('Id of a repository: webhooks about it, writes that its synchronisations caused.'),
})

const webhookDeliverySchema = z.object({
  id: z.string(),
  direction: z.literal('in'),
  accountId: z.string(),
  deliveryId: z.string().describe("The Git host's id of the delivery, or one of ours when it sends none."),
  event: z.string(),
  receivedAt: timeSchema,
  state: z
    .enum(states)
    .describe('`failed`: it is tried again; `dead`: nobody tries any more; `ignored`: it concerns nothing that is linked.'),
  attempts: z.number().int(),
  processedAt: timeSchema.nullable(),
  error: storedProblemSchema.nullable(),
  repositoryId: z.string().nullable(),
  headers: z.record(z.string(), z.string()).describe('Without secrets.'),
  payloadKept: z.boolean().describe('The payload is still there, so that it can be replayed.'),
})

const jiraDeliverySchema = z.object({
  id: z.string(),
  direction: z.literal('out'),
  issue: z.string().nullable().describe("null: it is about no issue, as Jira's webhook is."),
  issueId: z.string().nullable(),
  kind: z.enum(kinds).describe("`property` and `link`: development information; `webhook`: the connector's own webhook in Jira."),
  writtenAt: timeSchema,
  ms: z.number().int(),
  state: z.enum(['done', 'failed']),
  status: z.number().int().nullable(),
  error: storedProblemSchema.nullable(),
  bytes: z.number().int().nullable(),
  contentHash: z.string().nullable(),
  syncId: z
    .string()
    .nullable()
    .describe('The synchronisation whose change it is, or that met the smart commit or the event; null: there is none.'),
  repositoryId: z
    .string()
    .nullable()
    .describe('The repository of that synchronisation; null: none, or its journal is not kept any more.'),
})

export const deliverySchema = z.discriminatedUnion('direction', [webhookDeliverySchema, jiraDeliverySchema])

/** One delivery with what came with it. */
export const deliveryDetailSchema = z.object({
  delivery: deliverySchema,
  payload: z
    .object({
      text: z.string().describe('As the Git host sent it; its beginning when it is long.'),
      length: z.number().int().describe('Characters of the whole.'),
    })
    .nullable()
    .describe('null: it is not kept any more, it is a write to Jira, whose content is not kept, or the token may only read.'),
})

export type DeliveryDetailJson = z.infer<typeof deliveryDetailSchema>
export type WebhookDeliveryJson = z.infer<typeof webhookDeliverySchema>
export type JiraDeliveryJson = z.infer<typeof jiraDeliverySchema>
export type DeliveryJson = z.infer<typeof deliverySchema>
