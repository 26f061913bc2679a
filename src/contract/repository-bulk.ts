import { z } from 'zod'
import { repositoryChangeSchema, repositoryFilterSchema } from './repository.ts'

const count = z.number().int()

/** Which repositories, and what becomes of them. */
export const bulkRequestSchema = z
  .strictObject({
    ids: z.array(z.string().max(40)).min(1).max(1000).optional(),
    filter: z.strictObject(repositoryFilterSchema.shape).optional().describe('All that match; empty: all.'),
    change: repositoryChangeSchema.optional(),
    sync: z.enum(['soft', 'full']).optional().describe('Synchronise those that are linked afterwards.'),
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), {
    path: ['ids'],
    error: 'or "filter" is needed, and only one of them',
  })
  .refine(({ change, sync }) => change?.linked !== undefined || change?.smartCommits !== undefined || sync !== undefined, {
    path: ['change'],
    error: 'or "sync" is needed',
  })

export const bulkResultSchema = z.object({
  matched: count,
  changed: count.describe('Others were as wanted already.'),
  queued: count.describe('Synchronisations asked for; webhooks follow by themselves.'),
  failed: z
    .array(
      z.object({ id: z.string(), problem: z.object({ code: z.string(), message: z.string(), remedy: z.string().nullable() }) }),
    )
    .readonly(),
})

export const repositorySummarySchema = z.object({
  total: count,
  linked: count,
  unlinked: count,
  states: z
    .object({ idle: count, queued: count, running: count, retrying: count, paused: count, failing: count })
    .describe('Linked ones; `failing` counts those whose last synchronisation ended with an error, in whatever state.'),
  webhooks: z.object({ live: count, polling: count, broken: count, off: count }).describe('Linked ones.'),
})

export type BulkRequest = z.infer<typeof bulkRequestSchema>
export type BulkResultJson = z.infer<typeof bulkResultSchema>
export type RepositorySummaryJson = z.infer<typeof repositorySummarySchema>
