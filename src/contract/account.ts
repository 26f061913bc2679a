import { z } from 'zod'
import { storedProblemSchema } from './problem.ts'
import { lineSchema, timeSchema } from './text.ts'

/** Stable id of an account, as in the configuration file; /webhooks/jira is for Jira's own webhooks. */
export const ACCOUNT_ID_PATTERN = /^(?!jira$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

export const accountSchema = z.object({
  id: z.string(),
  name: z.string(),
  host: z.enum(['gitlab']),
  url: z.string(),
  owner: z.string().nullable().describe('Group, subgroup or user path; null: all that the token can read.'),
  managedBy: z.enum(['file', 'browser']),
  autoLink: z.boolean(),
  smartCommits: z.boolean(),
  state: z.enum(['ok', 'degraded', 'needs-sign-in']),
  problem: storedProblemSchema.nullable(),
  nextSync: timeSchema.nullable(),
  repositories: z.object({ total: z.number().int(), linked: z.number().int() }),
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

/** http(s), without credentials, query or fragment; a slash at the end goes. */
const addressSchema = z
  .string()
  .trim()
  .max(2000)
  .regex(/^https?:\/\//, { error: 'must be an http or https address' })
  .refine(isPlainAddress, { error: 'must be an address without credentials, query and fragment' })
  .transform((text) => text.replace(/\/+$/, ''))

function isPlainAddress(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && url.username === '' && url.password === '' && !text.includes('?') && !text.includes('#')
}

const ownerSchema = z
  .string()
  .max(1000)
  .regex(/^[^\s/:\p{Cc}]+(\/[^\s/:\p{Cc}]+)*$/u, { error: 'must be a path such as acme or acme/platform' })

/** It travels in a request header. */
const secretSchema = z
  .string()
  .min(1)
  .max(4000)
  .regex(/^[\x21-\x7e]+$/, { error: 'must be visible ASCII characters without spaces' })

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
  webhooks: z.enum(['auto', 'group', 'project', 'system', 'manual', 'off']),
  autoLink: z.boolean(),
  smartCommits: z.boolean(),
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
export type NewAccount = z.infer<typeof newAccountSchema>
export type AccountChange = z.infer<typeof accountChangeSchema>
