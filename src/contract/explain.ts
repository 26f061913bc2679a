import { z } from 'zod'

export const explainQuerySchema = z.object({
  ref: z
    .string()
    .trim()
    .min(1)
    .max(2_000)
    .regex(/^\P{Cc}*$/u, { error: 'must not contain control characters' })
    .describe('A commit hash, full or abbreviated, a branch, the address of a pull request, or an issue key.'),
})

export const explanationSchema = z.object({
  ref: z.string(),
  found: z.boolean().describe('Anything is known of it.'),
  subjects: z
    .array(
      z.object({
        title: z.string(),
        steps: z
          .array(
            z.object({
              state: z.enum(['yes', 'no', 'waiting', 'note']),
              step: z.enum(['searched', 'received', 'keys', 'linked', 'project', 'account', 'stored', 'issue', 'delivered']),
              text: z.string(),
              remedy: z.string().nullable(),
            }),
          )
          .readonly(),
      }),
    )
    .readonly(),
})
