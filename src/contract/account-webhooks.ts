import { z } from 'zod'
import { timeSchema } from './text.ts'

const count = z.number().int()

export const webhookLevelSchema = z
  .enum(['project', 'group', 'system', 'manual', 'off'])
  .describe('What serves the repositories now: a hook each, one of the group, one of the whole host.')

export const webhookStateSchema = z.enum(['live', 'polling', 'broken', 'off'])

/** How an account's webhooks are; secrets are never told. */
export const accountWebhooksSchema = z.object({
  address: z.string().describe('Where the Git host sends the webhooks of this account; enter it in hooks installed by hand.'),
  mode: z.enum(['auto', 'group', 'project', 'system', 'manual', 'off']),
  level: webhookLevelSchema,
  hooks: z
    .object({ live: count, polling: count, broken: count, off: count })
    .describe('Linked repositories by the state of their webhook.'),
  reasons: z
    .array(z.object({ reason: z.string(), repositories: count }))
    .describe('Why repositories are not live, the most frequent first.'),
  left: z
    .array(
      z.object({
        repository: z.string(),
        url: z.string(),
        reason: z.string(),
        attempts: count.describe('How often its removal was refused.'),
        nextTry: timeSchema,
      }),
    )
    .describe('Hooks that are not wanted any more and that the Git host did not let be removed, at most 20.'),
  rotation: z
    .object({
      startedAt: timeSchema,
      done: count,
      total: count,
      oldSecretUntil: timeSchema.nullable().describe('null: until every hook carries the new one.'),
    })
    .nullable()
    .describe('null: one secret is valid.'),
  lastReceivedAt: timeSchema.nullable(),
})

export type AccountWebhooksJson = z.infer<typeof accountWebhooksSchema>
