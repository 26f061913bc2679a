import { z } from 'zod'

const count = z.number().int()
/** Milliseconds since 1970. */
const millis = z.number().int()

const progressSchema = z.object({
  finished: z.boolean(),
  changesetCount: count,
  jiraCount: count,
  pullRequestActivityCount: count,
  synchroErrorCount: count,
  startTime: millis,
  finishTime: millis.describe('0: not finished.'),
  error: z.string().nullable(),
  errorTitle: z.string().nullable(),
  firstMessageTime: millis.nullable(),
  flightTimeMs: count,
  numRequests: count,
  softsync: z.boolean(),
  webHookSync: z.boolean(),
  warning: z.boolean(),
  smartCommitErrors: z.array(z.object({ shortChangesetNode: z.string(), commitUrl: z.string(), error: z.string() })).readonly(),
})

const forkSchema = z.object({ slug: z.string(), name: z.string(), owner: z.string(), repositoryUrl: z.string() })

/** A repository as Atlassian's connector told it at `/rest/bitbucket/1.0`. */
export const originalRepositorySchema = z.object({
  id: z.number().int(),
  organizationId: z.string(),
  dvcsType: z.string(),
  slug: z.string(),
  name: z.string(),
  lastCommitDate: millis.nullable(),
  linked: z.boolean(),
  deleted: z.boolean(),
  smartcommitsEnabled: z.boolean(),
  owner: z.string(),
  activityLastSync: millis.nullable(),
  lastActivityDate: millis.nullable(),
  repositoryUrl: z.string(),
  logo: z.string().nullable(),
  fork: z.boolean(),
  forkOf: forkSchema.nullable(),
  sync: progressSchema.nullable(),
})

export const originalRepositoriesSchema = z.object({ repositories: z.array(originalRepositorySchema).readonly() })

export type OriginalRepository = z.infer<typeof originalRepositorySchema>
