import { z } from 'zod'
import { listSchema, pageQuerySchema } from './page.ts'
import { timeSchema } from './text.ts'

const personSchema = z.object({ name: z.string(), email: z.string().nullable() })
const runStateSchema = z.enum(['PENDING', 'IN_PROGRESS', 'SUCCESSFUL', 'FAILED', 'CANCELLED', 'UNKNOWN'])
const count = z.number().int()

export const fileSchema = z.object({
  path: z.string(),
  change: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'RENAMED']),
  added: count.nullable(),
  removed: count.nullable(),
})

/** What an administrator linked by hand; null: its own keys link it. */
const linkedBySchema = z.object({ who: z.string(), reason: z.string(), at: timeSchema }).nullable()
const hiddenSchema = z.boolean().describe('The option panel.hide hides it: only there with `hidden=show`.')

const branchSchema = z.object({
  name: z.string(),
  url: z.string(),
  head: z.string(),
  createPullRequestUrl: z.string().nullable(),
  hidden: hiddenSchema,
})

const commitSchema = z.object({
  id: z.string(),
  displayId: z.string(),
  message: z.string(),
  author: personSchema,
  authoredAt: timeSchema,
  merge: z.boolean(),
  url: z.string(),
  fileCount: count.nullable().describe('null until loaded from the host.'),
  files: z.array(fileSchema).readonly().nullable().describe('At most 100 of them.'),
  alsoIn: z.array(z.string()).readonly().describe('Names of other repositories that have the same commit, such as forks.'),
  linkedBy: linkedBySchema,
  hidden: hiddenSchema,
})

const pullRequestSchema = z.object({
  id: z.string(),
  title: z.string(),
  status: z.enum(['OPEN', 'MERGED', 'DECLINED']),
  draft: z.boolean(),
  sourceBranch: z.string(),
  targetBranch: z.string(),
  url: z.string(),
  author: personSchema,
  reviewers: z.array(z.object({ name: z.string(), state: z.enum(['APPROVED', 'NEEDS_WORK', 'UNAPPROVED']) })).readonly(),
  commentCount: count,
  updatedAt: timeSchema,
  linkedBy: linkedBySchema,
  hidden: hiddenSchema,
})

const buildSchema = z.object({
  id: z.string(),
  number: count,
  state: runStateSchema,
  ref: z.string(),
  url: z.string(),
  finishedAt: timeSchema.nullable(),
  jobs: z
    .object({ total: count, successful: count, failed: count })
    .nullable()
    .describe('Jobs, each in its last try; the rest was skipped, cancelled or is manual. null: not known, as while it runs.'),
})

const deploymentSchema = z.object({
  id: z.string(),
  environment: z.string(),
  environmentType: z.enum(['production', 'staging', 'testing', 'development', 'unmapped']),
  state: runStateSchema,
  url: z.string(),
  finishedAt: timeSchema.nullable(),
})

const summarySchema = z.object({
  branches: count,
  commits: count,
  pullRequests: z.object({ open: count, merged: count, declined: count }),
  builds: z.object({ successful: count, failed: count, inProgress: count }),
  deployments: z.object({ environments: z.array(z.string()).readonly() }),
  lastActivity: timeSchema.nullable(),
})

/** At most 100 newest entries of each kind, newest first; `summary` counts all. */
export const developmentSchema = z.object({
  issue: z.string(),
  asOf: timeSchema,
  panelUrl: z.string(),
  issueUrl: z.string().nullable().describe('The issue in Jira; null: no Jira is connected.'),
  summary: summarySchema,
  hidden: z
    .object({ commits: count, branches: count, pullRequests: count })
    .describe('What the option panel.hide keeps out of lists and summary.'),
  repositories: z
    .array(
      z.object({
        id: z.string(),
        name: z.string(),
        url: z.string(),
        host: z.string(),
        branches: z.array(branchSchema).readonly(),
        commits: z.array(commitSchema).readonly(),
        pullRequests: z.array(pullRequestSchema).readonly(),
        builds: z.array(buildSchema).readonly(),
        deployments: z.array(deploymentSchema).readonly(),
      }),
    )
    .readonly(),
})

const place = { repository: z.object({ id: z.string(), name: z.string(), url: z.string(), host: z.string() }) }

/** Entries of one kind, newest first, each with its repository. */
export const developmentPageSchema = listSchema(
  z.union([
    commitSchema.extend(place),
    pullRequestSchema.extend(place),
    branchSchema.extend(place),
    buildSchema.extend(place),
    deploymentSchema.extend(place),
  ]),
)

/** Without `kind`: everything in one document. With it: all entries of that kind, in pages. */
export const developmentQuerySchema = pageQuerySchema.extend({
  kind: z.enum(['branches', 'commits', 'pullRequests', 'builds', 'deployments']).optional(),
  hidden: z.enum(['show']).optional().describe('Also what the option panel.hide hides.'),
})

export type DevelopmentJson = z.infer<typeof developmentSchema>
export type DevelopmentPageJson = z.infer<typeof developmentPageSchema>
