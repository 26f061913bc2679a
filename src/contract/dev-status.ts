import { z } from 'zod'
import { issueKeySchema } from './text.ts'

/** As Jira prints times: `2026-05-08T13:44:52.000+0000`. */
const jiraTimeSchema = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}\+0000$/)
const count = z.number().int()
const common = { count, lastUpdated: jiraTimeSchema.nullable() }

function itemSchema<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.object({
    overall: z.object({ ...common, ...shape }),
    byInstanceType: z.record(z.string(), z.object({ count, name: z.string() })),
  })
}

const issueIdSchema = z.union([z.string().regex(/^[1-9][0-9]{0,18}$/), issueKeySchema], {
  error: 'must be the numeric id or the key of an issue',
})

const topEnvironmentSchema = z.object({
  lastUpdated: jiraTimeSchema.nullable(),
  id: count,
  position: count,
  title: z.string(),
  projectId: count,
  status: z.string(),
})

export const devStatusSummaryQuerySchema = z.object({ issueId: issueIdSchema })

/** All six data types, in Data Center's order. */
export const devStatusSummarySchema = z.object({
  errors: z.array(z.never()).readonly(),
  configErrors: z.array(z.never()).readonly(),
  summary: z.object({
    pullrequest: itemSchema({
      stateCount: count,
      state: z.enum(['OPEN', 'MERGED', 'DECLINED']),
      details: z.object({ openCount: count, mergedCount: count, declinedCount: count, total: count }),
      open: z.boolean(),
    }),
    build: itemSchema({ failedBuildCount: count, successfulBuildCount: count, unknownBuildCount: count }),
    review: itemSchema({ stateCount: count, state: z.null(), dueDate: z.null(), overDue: z.boolean(), completed: z.boolean() }),
    'deployment-environment': itemSchema({
      topEnvironments: z.array(topEnvironmentSchema).readonly(),
      showProjects: z.boolean(),
      successfulCount: count,
    }),
    repository: itemSchema({}),
    branch: itemSchema({}),
  }),
})

export const devStatusDetailQuerySchema = z.object({
  issueId: issueIdSchema,
  applicationType: z.string().min(1).max(100).describe('A key of `byInstanceType`, such as GitLab; case counts.'),
  dataType: z.enum(['pullrequest', 'build', 'review', 'deployment-environment', 'repository', 'branch']),
})

const personSchema = z.object({ name: z.string() })
const placeSchema = z.object({ name: z.string(), url: z.string() })
const endSchema = z.object({ branch: z.string(), url: z.string() })

const fileSchema = z.object({
  path: z.string(),
  url: z.string(),
  changeType: z.string(),
  linesAdded: count,
  linesRemoved: count,
})

const commitSchema = z.object({
  id: z.string(),
  displayId: z.string(),
  authorTimestamp: jiraTimeSchema,
  url: z.string(),
  author: personSchema,
  fileCount: count,
  merge: z.boolean(),
  message: z.string(),
  files: z.array(fileSchema).readonly(),
})

const branchSchema = z.object({
  name: z.string(),
  url: z.string(),
  createPullRequestUrl: z.string().nullable(),
  repository: placeSchema,
  lastCommit: commitSchema.optional().describe('Where the commit names the issue too.'),
})

const pullRequestSchema = z.object({
  author: personSchema,
  id: z.string(),
  name: z.string(),
  commentCount: count,
  source: endSchema,
  destination: endSchema,
  reviewers: z.array(z.object({ name: z.string(), approved: z.boolean() })).readonly(),
  status: z.enum(['OPEN', 'MERGED', 'DECLINED']),
  url: z.string(),
  lastUpdate: jiraTimeSchema,
  repositoryName: z.string(),
  repositoryUrl: z.string(),
})

const buildSchema = z.object({
  id: z.string(),
  buildNumber: count,
  name: z.string(),
  url: z.string(),
  state: z.string(),
  lastUpdated: jiraTimeSchema.nullable(),
  references: z.array(z.object({ name: z.string() })).readonly(),
  testSummary: z
    .object({ totalNumber: count, passedNumber: count, failedNumber: count, skippedNumber: count })
    .optional()
    .describe('Jobs, where they are known: GitLab tells Jira of jobs there, not of tests.'),
})

const deploymentSchema = z.object({
  displayName: z.string(),
  state: z.string(),
  url: z.string(),
  lastUpdated: jiraTimeSchema.nullable(),
  environment: z.object({ displayName: z.string(), type: z.string() }),
})

/** One entry an instance; a wrong `applicationType` gives none. */
export const devStatusDetailSchema = z.object({
  errors: z.array(z.never()).readonly(),
  detail: z
    .array(
      z.object({
        branches: z.array(branchSchema).readonly(),
        pullRequests: z.array(pullRequestSchema).readonly(),
        repositories: z.array(placeSchema.extend({ commits: z.array(commitSchema).readonly() })).readonly(),
        builds: z.array(buildSchema).readonly().optional(),
        deployments: z.array(deploymentSchema).readonly().optional(),
        _instance: z.object({
          singleInstance: z.boolean(),
          baseUrl: z.string(),
          name: z.string(),
          typeName: z.string(),
          id: z.string(),
          type: z.string(),
        }),
      }),
    )
    .readonly(),
})

export type DevStatusSummary = z.infer<typeof devStatusSummarySchema>
export type DevStatusDetail = z.infer<typeof devStatusDetailSchema>
export type DevStatusDataType = z.infer<typeof devStatusDetailQuerySchema>['dataType']
