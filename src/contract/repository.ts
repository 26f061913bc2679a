import { z } from 'zod'
import { pageQuerySchema } from './page.ts'
import { storedProblemSchema } from './problem.ts'
import { filterSchema, timeSchema } from './text.ts'

const syncModeSchema = z.enum(['soft', 'full'])
const syncStates = ['idle', 'queued', 'running', 'retrying', 'paused'] as const

const progressSchema = z.object({
  commits: z.number().int(),
  branches: z.number().int(),
  pullRequests: z.number().int(),
  issues: z.number().int(),
})

export const repositorySchema = z.object({
  id: z.string(),
  accountId: z.string(),
  hostId: z.string(),
  name: z.string(),
  url: z.string(),
  linked: z.boolean(),
  smartCommits: z.boolean(),
  lastActivity: timeSchema.nullable(),
  sync: z.object({
    state: z.enum(syncStates),
    mode: syncModeSchema,
    step: z.enum(['fetching', 'history', 'pull-requests', 'finishing', 'builds']).nullable(),
    startedAt: timeSchema.nullable(),
    finishedAt: timeSchema.nullable(),
    progress: progressSchema,
    error: storedProblemSchema.nullable(),
  }),
  webhook: z.object({ state: z.enum(['live', 'polling', 'broken', 'off']), reason: z.string().nullable() }),
})

/** `state`: a state of the synchronisation, or `failing`: the last one ended with an error. */
export const repositoryQuerySchema = pageQuerySchema.extend({
  account: filterSchema.describe('Id of an account.'),
  q: filterSchema.describe('Part of the name, any case.'),
  state: z.enum([...syncStates, 'failing', '']).optional(),
})

export const repositoryChangeSchema = z
  .strictObject({ linked: z.boolean().optional(), smartCommits: z.boolean().optional() })
  .describe('What is not given stays.')

export const syncQuerySchema = z.object({ mode: syncModeSchema.default('soft') })

/** An entry of the audit log of synchronisations. */
export const syncEntrySchema = z.object({
  id: z.string(),
  trigger: z.string(),
  mode: syncModeSchema,
  startedAt: timeSchema,
  finishedAt: timeSchema.nullable(),
  outcome: z.enum(['running', 'done', 'failed', 'cancelled']),
  error: storedProblemSchema.nullable(),
  progress: progressSchema,
})

export type RepositoryJson = z.infer<typeof repositorySchema>
export type SyncEntryJson = z.infer<typeof syncEntrySchema>
