import { z } from 'zod'
import type { TriggerEvent } from '../domain/trigger.ts'
import type { CommentPlaceholder } from '../domain/trigger-comment.ts'
import { pageQuerySchema } from './page.ts'
import { storedProblemSchema } from './problem.ts'
import { filterSchema, issueKeySchema, lineSchema, timeSchema } from './text.ts'

const eventSchema = z.enum([
  'branch-created',
  'commit-created',
  'pull-request-opened',
  'pull-request-merged',
  'pull-request-declined',
  'pull-request-reopened',
  'build-failed',
  'deployment-succeeded',
] as const satisfies readonly TriggerEvent[])
const PLACEHOLDERS = [
  'issue',
  'title',
  'url',
  'author',
  'branch',
  'targetBranch',
  'environment',
  'repository',
] as const satisfies readonly CommentPlaceholder[]
const namesSchema = z.array(lineSchema).max(50).default([])

const conditionsSchema = z
  .strictObject({
    accounts: namesSchema.describe('Ids of accounts.'),
    repositories: namesSchema.describe('Globs on the path of the repository, such as `acme/*`.'),
    projects: namesSchema.describe('Keys of Jira projects.'),
    branches: namesSchema.describe('Globs on the branch: the new one, the source of a pull request, the one that was built.'),
    targetBranches: namesSchema.describe('Globs on the target branch of a pull request.'),
    environments: namesSchema.describe('Globs on the name of the environment.'),
    issueTypes: namesSchema,
    statuses: namesSchema.describe('Status of the issue before the rule acts.'),
    jql: z.string().trim().min(1).max(2_000).nullable().default(null).describe('The issue must also be found by this query.'),
  })
  .describe('An empty list, or null, stands for any.')

const commentSchema = z
  .string()
  .trim()
  .min(1)
  .max(4_000)
  .describe(`Template of a comment in Jira's markup: ${PLACEHOLDERS.map((name) => `\${${name}}`).join(', ')}.`)

export const triggerSettingsSchema = z.strictObject({
  name: lineSchema,
  enabled: z.boolean().default(true),
  event: eventSchema,
  conditions: conditionsSchema.prefault({}),
  transition: lineSchema
    .nullable()
    .default(null)
    .describe('Name of a transition, else of the status that it leads to; null: the issue is not moved.'),
  comment: commentSchema.nullable().default(null),
})

export const triggerSchema = triggerSettingsSchema.extend({
  id: z.string(),
  changedBy: z.string(),
  changedAt: timeSchema,
})

export const triggerListSchema = z.object({
  items: z.array(triggerSchema).readonly().describe('In the order in which they are tried: the first that fits acts.'),
})

export const triggerOrderSchema = z.strictObject({
  ids: z.array(z.string()).max(1_000).describe('Ids in the new order; rules not named come behind.'),
})

const happenedSchema = z.object({
  event: eventSchema,
  at: timeSchema,
  repository: z.string(),
  repositoryId: z.string(),
  subject: z.string().describe('Hash, branch, number of the pull request, or the id of the build or deployment.'),
  title: z.string(),
  url: z.string().nullable(),
})

/** What a rule would have done with what is stored of the last two weeks. */
export const triggerDryRunSchema = z.object({
  matched: z.number().int().describe('Events and issues for which the conditions on the host side hold.'),
  complete: z.boolean().describe('false: there are more than were looked at.'),
  note: z.string().nullable().describe('What cannot be told from what is stored.'),
  examples: z
    .array(
      z.object({
        issue: z.string(),
        happened: happenedSchema,
        outcome: z.enum(['acts', 'skipped', 'not-for-issue']),
        text: z.string().describe('What it would do with the issue as it is today, or why it would do nothing.'),
      }),
    )
    .readonly()
    .describe('The newest; each issue once.'),
})

export const triggerRunQuerySchema = pageQuerySchema.extend({
  rule: filterSchema.describe('Id of a rule.'),
  issue: z.union([issueKeySchema, z.literal('')]).optional(),
  state: z.enum(['acting', 'done', 'skipped', 'failed', '']).optional(),
})

export const triggerRunSchema = z.object({
  id: z.string(),
  at: timeSchema,
  issue: z.string(),
  rule: z.object({ id: z.string(), name: z.string() }),
  state: z
    .enum(['acting', 'done', 'skipped', 'failed'])
    .describe('`acting`: Jira was asked, and its answer is not recorded yet; `skipped`: nothing was to be done.'),
  summary: z.string(),
  problem: storedProblemSchema.nullable(),
  happened: happenedSchema,
})

export type TriggerSettingsJson = z.infer<typeof triggerSettingsSchema>
export type TriggerJson = z.infer<typeof triggerSchema>
export type TriggerDryRunJson = z.infer<typeof triggerDryRunSchema>
export type TriggerRunJson = z.infer<typeof triggerRunSchema>
