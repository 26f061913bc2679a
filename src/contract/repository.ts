import { z } from 'zod'
import { pageQuerySchema } from './page.ts'
import { storedProblemSchema } from './problem.ts'
import { filterSchema, timeSchema } from './text.ts'

const stepSchema = z.enum(['fetching', 'history', 'pull-requests', 'finishing', 'builds'])
const syncModeSchema = z.enum(['soft', 'full'])
const syncStates = ['idle', 'queued', 'running', 'retrying', 'paused'] as const
const webhookStates = ['live', 'polling', 'broken', 'off'] as const

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
  leftOut: z
    .string()
    .nullable()
    .describe("Why the account's filter keeps it unlinked, with the pattern; null: it does not, or a person unlinked it."),
  smartCommits: z.boolean(),
  smartCommitErrors: z.number().int().describe('Smart commits of the last seven days that failed.'),
  lastActivity: timeSchema.nullable(),
  sync: z.object({
    state: z.enum(syncStates),
    mode: syncModeSchema,
    step: stepSchema.nullable(),
    startedAt: timeSchema.nullable(),
    finishedAt: timeSchema.nullable(),
    progress: progressSchema,
    error: storedProblemSchema.nullable(),
  }),
  webhook: z.object({ state: z.enum(webhookStates), reason: z.string().nullable() }),
})

/** `state`: a state of the synchronisation, or `failing`: the last one ended with an error. */
export const repositoryFilterSchema = z.object({
  account: filterSchema.describe('Id of an account.'),
  q: filterSchema.describe('Part of the name, any case.'),
  state: z.enum([...syncStates, 'failing', '']).optional(),
  linked: z.enum(['true', 'false', '']).optional(),
  webhook: z
    .enum([...webhookStates, ''])
    .optional()
    .describe('How its changes arrive.'),
})

export const repositoryQuerySchema = pageQuerySchema.extend({
  ...repositoryFilterSchema.shape,
  sort: z.enum(['id', 'name', 'activity', '']).optional().describe('`activity`: the latest first. Default: `id`.'),
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
  askedBy: z
    .object({
      kind: z.enum(['schedule', 'token', 'local', 'connector', 'webhook', 'user', 'jira-user']),
      name: z.string().nullable().describe('Of the person or the API token; null: the token of the configuration, or nobody.'),
      delivery: z.string().nullable().describe('Id of the delivery, when a webhook asked.'),
    })
    .nullable()
    .describe('The last one who asked before it began; null: it was not recorded.'),
  steps: z
    .array(z.object({ step: stepSchema, startedAt: timeSchema, finishedAt: timeSchema }))
    .readonly()
    .describe('Empty while it runs.'),
  requests: z.number().int().describe('Made to the Git host; a fetch by git counts as one.'),
})

export type RepositoryJson = z.infer<typeof repositorySchema>
export type SyncEntryJson = z.infer<typeof syncEntrySchema>
