import { z } from 'zod'
import { displayNameSchema, newPasswordSchema, userNameSchema } from './people.ts'

export const setupSchema = z.object({
  needed: z.boolean().describe('There is no local user yet: the set-up link that the connector printed makes the first one.'),
})

export const setupRequestSchema = z.strictObject({
  code: z.string().min(1).max(200).describe('What stands behind `#` in the set-up link.'),
  name: userNameSchema,
  displayName: displayNameSchema,
  password: newPasswordSchema,
})
