import { z } from 'zod'
import { issueKeySchema, lineSchema } from './text.ts'

export const explainQuerySchema = z.object({
  ref: z
    .string()
    .trim()
    .min(1)
    .max(2_000)
    .regex(/^\P{Cc}*$/u, { error: 'must not contain control characters' })
    .describe('A commit hash, full or abbreviated, a branch, the address of a pull request, or an issue key.'),
})

const stepsSchema = z
  .array(
    z.object({
      state: z.enum(['yes', 'no', 'waiting', 'note']),
      step: z.enum([
        'searched',
        'received',
        'keys',
        'linked',
        'project',
        'account',
        'stored',
        'smart-commit',
        'smart-commit',
        'jira',
        'issue',
        'delivered',
        'person',
        'permission',
        'jira-app',
      ]),
      text: z.string(),
      remedy: z.string().nullable(),
    }),
  )
  .readonly()

export const explanationSchema = z.object({
  ref: z.string(),
  found: z.boolean().describe('Anything is known of it.'),
  subjects: z
    .array(
      z.object({
        title: z.string(),
        repositoryId: z.string().nullable().describe('null: it is an issue, or nothing was found.'),
        issue: z.string().nullable().describe('null: it is no issue.'),
        steps: stepsSchema,
      }),
    )
    .readonly(),
})

export const visibilityQuerySchema = z.object({
  user: lineSchema.describe('Somebody in Jira: name, e-mail address or full name.'),
  issue: issueKeySchema,
})

export const visibilitySchema = z.object({
  user: z.string(),
  issue: z.string(),
  visible: z
    .enum(['yes', 'no', 'unknown'])
    .describe('unknown: something could not be asked, and nothing else stands in the way.'),
  steps: stepsSchema.describe('In the order in which they must hold; a note tells what is not known.'),
})

export type ExplanationJson = z.infer<typeof explanationSchema>
export type VisibilityJson = z.infer<typeof visibilitySchema>
