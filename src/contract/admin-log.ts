import { z } from 'zod'
import { timeSchema } from './text.ts'

/** An entry of the journal of what administrators changed. */
export const adminLogEntrySchema = z.object({
  id: z.string(),
  at: timeSchema,
  actor: z.object({
    kind: z
      .enum(['user', 'jira-user', 'token', 'local', 'anonymous'])
      .describe('`local`: a command on the machine; `anonymous`: somebody with the set-up link.'),
    name: z.string().nullable().describe('Of the user or the API token; null: `local` has none.'),
  }),
  action: z.string().describe('Operation id of the route, such as `createAccount`, or `signIn`.'),
  target: z.string().nullable().describe('What was changed: an id or a name.'),
  details: z.record(z.string(), z.unknown()).describe('Never a secret.'),
})

export type AdminLogEntryJson = z.infer<typeof adminLogEntrySchema>
