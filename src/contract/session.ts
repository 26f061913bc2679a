import { z } from 'zod'
import { passwordSchema, roleSchema, sourceSchema } from './people.ts'
import { timeSchema } from './text.ts'

export const sessionSchema = z.object({
  user: z
    .object({ name: z.string(), displayName: z.string(), source: sourceSchema, role: roleSchema })
    .nullable()
    .describe('null: nobody is signed in.'),
  csrfToken: z
    .string()
    .nullable()
    .describe('To be sent as the header `x-csrf-token` with every request of this session that is not GET; null: no session.'),
  jiraSignIn: z
    .object({
      oauth: z.boolean().describe('`/sign-in/jira` leads to Jira.'),
      token: z.boolean().describe('`POST /api/v1/session/jira-token` takes a personal access token of Jira.'),
    })
    .describe('Ways to sign in with an account of Jira.'),
  version: z.string().describe('Of the connector.'),
})

export const signInSchema = z.strictObject({ name: z.string().trim().min(1).max(200), password: passwordSchema })

export const jiraTokenSignInSchema = z.strictObject({
  token: z
    .string()
    .trim()
    .min(1)
    .max(1000)
    .regex(/^[\x21-\x7e]+$/, { error: 'must be visible ASCII characters without spaces' })
    .describe('A personal access token of Jira. It is used once, to ask Jira who you are, and not stored.'),
})

/** A session of the caller's own. */
export const ownSessionSchema = z.object({
  id: z.string(),
  current: z.boolean().describe('The session of this request.'),
  createdAt: timeSchema,
  lastSeenAt: timeSchema.describe('To the minute.'),
  expiresAt: timeSchema.describe('At the latest; 8 hours without a request end it before.'),
  userAgent: z.string().nullable(),
})

export type SessionJson = z.infer<typeof sessionSchema>
export type OwnSessionJson = z.infer<typeof ownSessionSchema>
