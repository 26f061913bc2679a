import { z } from 'zod'
import { displayNameSchema, newPasswordSchema, passwordSchema, sourceSchema, userNameSchema } from './people.ts'
import { timeSchema } from './text.ts'

/** Local users are administrators; what people of Jira are is asked at each of their sign-ins. */
export const userSchema = z.object({
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  source: sourceSchema,
  createdAt: timeSchema,
  disabled: z.boolean().describe('Cannot sign in, and has no sessions.'),
})

export const newUserSchema = z.strictObject({
  name: userNameSchema,
  displayName: displayNameSchema,
  password: newPasswordSchema,
})

export const userChangeSchema = z
  .strictObject({
    displayName: displayNameSchema.optional(),
    disabled: z.boolean().optional(),
    password: newPasswordSchema.optional(),
    currentPassword: passwordSchema.optional().describe('Write-only. Needed to change your own password.'),
  })
  .describe('What is not given stays. A new password ends all other sessions of the user.')

export type UserJson = z.infer<typeof userSchema>
export type UserChange = z.infer<typeof userChangeSchema>
