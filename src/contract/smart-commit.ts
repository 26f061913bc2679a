import { z } from 'zod'
import { pageQuerySchema } from './page.ts'
import { storedProblemSchema } from './problem.ts'
import { filterSchema, lineSchema, timeSchema } from './text.ts'

export const SMART_COMMIT_STATES = ['found', 'executing', 'done', 'failed', 'skipped'] as const

/** An e-mail address as commits carry it: whatever stands around an at sign. */
export const emailSchema = z
  .string()
  .trim()
  .max(320)
  .regex(/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u, { error: 'must be an e-mail address' })

export const smartCommitQuerySchema = pageQuerySchema.extend({
  repository: filterSchema.describe('Id of a repository.'),
  account: filterSchema.describe('Id of an account.'),
  state: z.enum([...SMART_COMMIT_STATES, '']).optional(),
  q: filterSchema.describe('An issue key, the beginning of a hash, an e-mail address of an author, or part of a command.'),
})

const actionSchema = z.object({
  issue: z.string(),
  command: z.string().describe('The word after `#`, as written.'),
  argument: z.string(),
  state: z
    .enum(['found', 'executing', 'done', 'failed', 'skipped'])
    .describe('`skipped`: another commit, of which this one is a copy with other commands beside it, did it.'),
  summary: z.string().nullable().describe('What was done; null: nothing.'),
  problem: storedProblemSchema.nullable().describe('Why it was not done.'),
  jiraId: z.string().nullable().describe("Jira's id of what was made, such as a comment."),
  actor: z
    .enum(['connector', 'author'])
    .nullable()
    .describe("Whose credentials acted: the connector's, or a token of the author; null: nothing was begun."),
  user: z.string().nullable().describe("The author's name in Jira; null: it was not found out."),
  endedAt: timeSchema.nullable(),
})

export const smartCommitSchema = z.object({
  id: z.string(),
  accountId: z.string(),
  repository: z.object({ id: z.string(), name: z.string() }),
  commit: z.object({
    id: z.string(),
    displayId: z.string(),
    url: z.string(),
    author: z.object({ name: z.string(), email: z.string().nullable() }),
    authoredAt: timeSchema,
    commands: z.string().describe('What it commands, a line each; the rest of its message is not kept here.'),
  }),
  state: z
    .enum(SMART_COMMIT_STATES)
    .describe(
      '`found`: it waits; `failed`: at least one command was not executed; `skipped`: it is not executed, see `problem`.',
    ),
  problem: storedProblemSchema.nullable().describe('Why it was skipped.'),
  recordedAt: timeSchema,
  executedAt: timeSchema.nullable(),
  askedBy: z.string().nullable().describe('Who asked that it be executed; null: it was new.'),
  reply: z
    .object({ state: z.enum(['waiting', 'posting', 'posted', 'failed']), problem: storedProblemSchema.nullable() })
    .nullable()
    .describe('Whether the author was told on the Git host; null: the account does not tell.'),
  actions: z.array(actionSchema).readonly(),
})

export const smartCommitAliasSchema = z.object({
  email: z.string().describe('In lower case.'),
  user: z.string().describe("Jira's name of the user."),
  state: z.enum(['asked', 'confirmed']).describe('`asked`: by the person, without effect until an administrator confirms it.'),
  askedBy: z.string().nullable(),
  createdAt: timeSchema,
  confirmedBy: z.string().nullable(),
  confirmedAt: timeSchema.nullable(),
})

export const aliasQuerySchema = pageQuerySchema.extend({ state: z.enum(['asked', 'confirmed', '']).optional() })

export const aliasChangeSchema = z.strictObject({ user: lineSchema.describe("Jira's name of the user.") })

const trustSchema = z.enum(['off', 'author', 'verified'])

/** Levels of trust that projects of Jira have of their own; elsewhere that of the account counts. */
export const projectTrustSchema = z.strictObject({
  projects: z
    .record(
      z
        .string()
        .regex(/^[A-Z][A-Z0-9_]*$/, { error: 'must be a project key such as SHOP' })
        .max(255),
      trustSchema,
    )
    .refine((projects) => Object.keys(projects).length <= 1000, { error: 'must be at most 1000' })
    .describe('By project key; replaces all that there were.'),
})

/** What the connector knows of the caller as an author of smart commits. */
export const smartCommitProfileSchema = z.object({
  user: z.string().describe("The caller's name in Jira."),
  aliases: z.array(smartCommitAliasSchema).readonly().describe('Addresses beside the one that Jira knows.'),
  ownToken: z
    .object({ createdAt: timeSchema, problem: storedProblemSchema.nullable() })
    .nullable()
    .describe('A token of theirs that acts where the Git host verified their signature; never told again. null: none.'),
  recent: z.array(smartCommitSchema).readonly().describe('The newest ones that were executed in their name.'),
})

export const ownAliasSchema = z.strictObject({ email: emailSchema })

export const ownTokenSchema = z.strictObject({
  token: z
    .string()
    .min(1)
    .max(2000)
    .regex(/^[\x21-\x7E]+$/, { error: 'must be a token: visible ASCII characters without blanks' })
    .describe('A personal access token of Jira. Write-only.'),
})

export type SmartCommitJson = z.infer<typeof smartCommitSchema>
export type SmartCommitAliasJson = z.infer<typeof smartCommitAliasSchema>
export type SmartCommitProfileJson = z.infer<typeof smartCommitProfileSchema>
export type ProjectTrustJson = z.infer<typeof projectTrustSchema>
