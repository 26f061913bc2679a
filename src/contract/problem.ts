import { z } from 'zod'

/** A failure as it is stored with an account or a synchronisation. */
export const storedProblemSchema = z.object({
  code: z.string().describe('Stable: see the list of error codes in the documentation.'),
  message: z.string(),
  remedy: z.string().nullable(),
})

/** Where a request is wrong. */
const invalidFieldSchema = z.object({
  in: z.enum(['path', 'query', 'header', 'body']),
  field: z.string().describe('Path of the field, such as `include.0`; empty: the whole.'),
  message: z.string(),
})

/** RFC 9457, with members of ours. */
export const problemSchema = z.object({
  type: z.literal('about:blank'),
  title: z.string().describe('The phrase of the status.'),
  status: z.number().int(),
  detail: z.string().describe('What was attempted, on what, and what came back.'),
  code: z.string().describe('Stable: see the list of error codes in the documentation.'),
  remedy: z.string().nullable().describe('What to do about it.'),
  requestId: z.string().describe('Found in the log with the details.'),
  errors: z.array(invalidFieldSchema).readonly().optional().describe('With `request-invalid` and `trigger-invalid`.'),
  parts: z
    .record(z.string(), z.enum(['ok', 'failed']))
    .optional()
    .describe('With `not-ready`.'),
})

export type InvalidField = z.infer<typeof invalidFieldSchema>
export type ProblemDocument = z.infer<typeof problemSchema>
