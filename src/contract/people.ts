import { z } from 'zod'
import { lineSchema } from './text.ts'

/** Of a local user; unique in any case. */
export const userNameSchema = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,99}$/u, {
    error: 'must be 1 to 100 letters, digits, ".", "_", "@" or "-", a letter or digit first',
  })

export const displayNameSchema = lineSchema

/** Of a new password; one that was set before is not judged by it. */
export const newPasswordSchema = z
  .string()
  .min(12, { error: 'must have 12 characters or more' })
  .max(1024, { error: 'must have at most 1,024 characters' })
  .describe('Write-only.')

/** A password as it is typed to sign in. */
export const passwordSchema = z.string().min(1).max(1024).describe('Write-only.')

export const sourceSchema = z.enum(['local', 'jira']).describe('`local`: with a password here; `jira`: signed in through Jira.')
export const roleSchema = z
  .enum(['administrator', 'viewer'])
  .describe('A viewer sees the development information of the issues that Jira lets them see, and nothing else.')
