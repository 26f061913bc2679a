import { z } from 'zod'
import { lineSchema, timeSchema } from './text.ts'

const scopeSchema = z
  .enum(['admin', 'read', 'metrics'])
  .describe('`admin`: everything; `read`: what can be read; `metrics`: /metrics alone.')

export const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  scope: scopeSchema,
  prefix: z.string().describe('How the value begins, to tell tokens apart.'),
  createdBy: z.string().nullable().describe('null: a command on the machine, or the token of the configuration.'),
  createdAt: timeSchema,
  lastUsedAt: timeSchema.nullable().describe('To the minute; null: never.'),
  expiresAt: timeSchema.nullable().describe('null: it does not expire.'),
  revoked: z.boolean(),
})

export const newTokenSchema = z.strictObject({
  name: lineSchema,
  scope: scopeSchema,
  expiresAt: timeSchema.nullable().optional().describe('In the future; null or absent: it does not expire.'),
})

/** The only answer that tells the value. */
export const createdTokenSchema = tokenSchema.extend({
  value: z.string().describe('Shown this once; send it as `Authorization: Bearer <value>`.'),
})

export type TokenJson = z.infer<typeof tokenSchema>
