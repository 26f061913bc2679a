import { z } from 'zod'
import { storedProblemSchema } from './problem.ts'
import { timeSchema } from './text.ts'

const count = z.number().int()
const lagSchema = z
  .object({ p50: z.number(), p95: z.number(), max: z.number(), samples: count })
  .nullable()
  .describe('In seconds; null: nothing was measured in this time.')
const webhookCounts = { done: count, ignored: count, failed: count, pending: count, dead: count }

export const repositoryStatisticsSchema = z.object({
  weeks: z
    .array(z.object({ week: timeSchema.describe('Its Monday, 00:00 UTC.'), commits: count, pullRequests: count }))
    .readonly()
    .describe('The last 52, oldest first. Commits with issue keys by their author time, pull requests by their creation.'),
  lag: z
    .object({ stored: lagSchema, delivered: lagSchema })
    .describe('From the arrival of a webhook until its change was stored, and until Jira had it; as long as journals are kept.'),
  syncs: z.object({ running: count, done: count, failed: count, cancelled: count }).describe('As long as journals are kept.'),
})

export const overviewSchema = z.object({
  asOf: timeSchema,
  repositories: z.object({
    total: count,
    linked: count,
    states: z.object({ idle: count, queued: count, running: count, retrying: count, paused: count, failing: count }),
    webhooks: z.object({ live: count, polling: count, broken: count, off: count }),
  }),
  accounts: z.object({
    ok: count,
    degraded: count,
    needsSignIn: count,
    deleting: count,
    problems: z.array(z.object({ id: z.string(), name: z.string(), problem: storedProblemSchema })).readonly(),
  }),
  jira: z.object({
    state: z.enum(['ok', 'failing', 'moved']).nullable().describe('null: no Jira is connected.'),
    problem: storedProblemSchema.nullable(),
    waiting: z
      .object({ issues: count, oldestSeconds: z.number().nullable() })
      .describe('To be delivered; the age counts from when the oldest one is due.'),
    refused: z
      .object({ issues: count, oldestSeconds: z.number().nullable() })
      .describe('Jira refuses what is to be written; the age is that of the oldest failed write that is kept.'),
  }),
  webhooks: z
    .array(z.object({ hour: timeSchema, ...webhookCounts }))
    .readonly()
    .describe('Received in each of the last 24 hours, by outcome; oldest first.'),
  jiraWrites: z
    .array(z.object({ hour: timeSchema, done: count, failed: count }))
    .readonly()
    .describe('Sent to Jira in each of the last 24 hours, by outcome; oldest first.'),
  lag: z
    .array(z.object({ hour: timeSchema, stored: lagSchema, delivered: lagSchema }))
    .readonly()
    .describe('Of the webhooks received in each of the last 24 hours.'),
  drift: z
    .object({ found: count, repaired: count, open: count })
    .describe('Differences from the Git hosts in 7 days; `open`: repositories whose drift is not repaired yet.'),
})

export type RepositoryStatisticsJson = z.infer<typeof repositoryStatisticsSchema>
export type OverviewJson = z.infer<typeof overviewSchema>
export type LagJson = z.infer<typeof lagSchema>
