import { z } from 'zod'
import { addressSchema, secretSchema, warningSchema } from './connection.ts'
import { storedProblemSchema } from './problem.ts'
import { lineSchema, queryFlagSchema, timeSchema } from './text.ts'
import { webhookLevelSchema, webhookStateSchema } from './account-webhooks.ts'

/** Stable id of an account, as in the configuration file; /webhooks/jira is for Jira's own webhooks. */
export const ACCOUNT_ID_PATTERN = /^(?!jira$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

const WEBHOOK_MODES = ['auto', 'group', 'project', 'system', 'manual', 'off'] as const
const TRUST_LEVELS = ['off', 'author', 'verified'] as const
const count = z.number().int()

export const accountSchema = z.object({
  id: z.string(),
  name: z.string(),
  host: z.enum(['gitlab']),
  url: z.string(),
  owner: z.string().nullable().describe('Group, subgroup or user path as it was entered; null: all that the token can read.'),
  resolvedOwner: z
    .object({ kind: z.enum(['group', 'user']), id: z.string(), path: z.string() })
    .nullable()
    .describe('What `owner` led to when it was looked up, with its path of today; null: not looked up yet, or `owner` is null.'),
  managedBy: z.enum(['file', 'browser']),
  autoLink: z.boolean(),
  smartCommits: z.boolean().describe('Of newly linked repositories.'),
  smartCommitTrust: z.enum(TRUST_LEVELS),
  smartCommitReplies: z.boolean(),
  gitUrl: z.string().nullable(),
  webhooks: z.enum(WEBHOOK_MODES),
  include: z.array(z.string()).readonly(),
  exclude: z.array(z.string()).readonly(),
  jiraProjects: z.array(z.string()).readonly(),
  state: z.enum(['ok', 'degraded', 'needs-sign-in', 'deleting']),
  problem: storedProblemSchema.nullable(),
  warnings: z.array(warningSchema).readonly().describe('What works, and is not as it should be.'),
  lastSync: timeSchema.nullable().describe('Beginning of the last complete listing.'),
  nextSync: timeSchema.nullable(),
  repositories: z.object({
    total: count,
    linked: count,
    running: count,
    queued: count,
    failing: count.describe('Linked ones whose last synchronisation ended with an error.'),
    paused: count,
  }),
  webhook: z.object({
    level: webhookLevelSchema,
    state: webhookStateSchema.describe('The worst of its linked repositories.'),
    reason: z.string().nullable(),
  }),
  rateLimit: z
    .object({ limit: count, remaining: count, resetsAt: timeSchema })
    .nullable()
    .describe('Of the Git host, as this process last saw it; null: it told none.'),
  credential: z
    .object({ kind: z.enum(['token', 'oauth']), expiresAt: timeSchema.nullable(), user: z.string().nullable() })
    .nullable()
    .describe('null: it has none; `user`: as the last connection test found it.'),
  configuredBy: z.string().nullable().describe('Who created or changed it last; null: not recorded.'),
  deletion: z
    .object({ repositories: z.object({ done: count, total: count }), problem: storedProblemSchema.nullable() })
    .nullable()
    .describe('How far a deletion has come; null: it is not being deleted.'),
})

/** After `oauth` was given: the address to enter in the application as its redirect address. */
export const savedAccountSchema = accountSchema.extend({
  oauth: z.object({ redirectUri: z.string(), signInNeeded: z.boolean() }).optional(),
})

export const authorizationSchema = z.object({
  authorizationUrl: z.string().describe('To be opened in a browser, once.'),
  redirectUri: z.string().describe('What the OAuth application must name as its redirect address.'),
  expiresAt: timeSchema,
})

const hostSchema = z.enum(['gitlab'], { error: 'must be "gitlab": other Git hosts are not supported yet' })

const ownerSchema = z
  .string()
  .max(1000)
  .regex(/^[^\s/:\p{Cc}]+(\/[^\s/:\p{Cc}]+)*$/u, { error: 'must be a path such as acme or acme/platform' })

/** Of an OAuth application at the host; somebody signs in by it afterwards. */
const oauthSchema = z.strictObject({
  clientId: secretSchema,
  clientSecret: secretSchema.describe('Write-only.'),
})

const globsSchema = z
  .array(
    z
      .string()
      .min(1)
      .max(500)
      .regex(/^\P{Cc}*$/u),
  )
  .max(200)

const settings = {
  name: lineSchema,
  url: addressSchema,
  gitUrl: addressSchema.nullable().describe('Address for Git, where the installation has another one.'),
  owner: ownerSchema.nullable(),
  webhooks: z.enum(WEBHOOK_MODES),
  autoLink: z.boolean(),
  smartCommits: z.boolean(),
  smartCommitTrust: z
    .enum(TRUST_LEVELS)
    .describe(
      'Whose smart commits are executed: of nobody, of whom the commit names as its author, or only with a signature that the host verified.',
    ),
  smartCommitReplies: z.boolean().describe('Tell on the Git host what became of a smart commit.'),
  include: globsSchema.min(1),
  exclude: globsSchema,
  jiraProjects: z
    .array(
      z
        .string()
        .regex(/^[A-Z][A-Z0-9_]*$/, { error: 'must be a project key such as SHOP' })
        .max(255),
    )
    .max(1000),
  token: secretSchema.describe('Write-only.'),
  oauth: oauthSchema.describe('In the place of `token`.'),
  webhookAdminToken: secretSchema.nullable().describe('Write-only; null: `token` manages webhooks.'),
  webhookSecret: secretSchema
    .min(16, { error: 'must have at least 16 characters' })
    .describe('Write-only; of hooks installed by hand, with `webhooks` = manual.'),
}

/** The rule of both: hooks installed by hand carry a secret that only people know. */
export const WEBHOOK_SECRET_NEEDED = {
  in: 'body',
  field: 'webhookSecret',
  message: 'is needed when "webhooks" becomes "manual"',
} as const

/** An account has one or the other. */
export const ONE_SIGN_IN_METHOD = { in: 'body', field: 'token', message: 'or "oauth" is needed, and only one of them' } as const

/** A new account. Its connection is tested before anything is stored, with `oauth` after the sign-in. */
export const newAccountSchema = z.strictObject({
  ...z.object(settings).partial().shape,
  id: z.string().regex(ACCOUNT_ID_PATTERN, {
    error: 'must be 1 to 64 letters, digits, ".", "_" or "-", a letter or digit first, and not "jira"',
  }),
  host: hostSchema,
  url: settings.url,
})

/** What is not given stays. Another address needs the token again: a stored one is never sent to a new place. */
export const accountChangeSchema = z.strictObject(z.object(settings).partial().shape)

export type AccountJson = z.infer<typeof accountSchema>
export type SavedAccountJson = z.infer<typeof savedAccountSchema>
export type AuthorizationJson = z.infer<typeof authorizationSchema>
export type NewAccount = z.infer<typeof newAccountSchema>
export type AccountChange = z.infer<typeof accountChangeSchema>

/** What happens to what others hold of an account that is deleted. */
export const accountDeletionQuerySchema = z.object({
  removeHooks: queryFlagSchema.describe('Remove its webhooks at the Git host.'),
  removeFromJira: queryFlagSchema.describe(
    'Delete what issues that lose all data hold in Jira, and rewrite the others; false: what is in Jira stays as it is.',
  ),
})

/** What a deletion would take. */
export const deletionPreviewSchema = z.object({
  repositories: count,
  commits: count.describe('With issue keys: others are not stored.'),
  branches: count,
  pullRequests: count,
  builds: count,
  deployments: count,
  issues: count.describe('Issues of Jira that would lose what this account tells.'),
  hooks: count.describe('Webhooks at the Git host that the connector set up.'),
})

export type DeletionPreviewJson = z.infer<typeof deletionPreviewSchema>
