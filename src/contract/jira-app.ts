import { z } from 'zod'
import { storedProblemSchema } from './problem.ts'
import { timeSchema } from './text.ts'

/** The app that shows the panel in Jira: what this connector makes, and what Jira has. */
export const jiraAppSchema = z.object({
  version: z.string(),
  fileName: z.string(),
  size: z.number().int().describe('Of the jar, in bytes.'),
  sha256: z.string().describe('Of the jar, hexadecimal.'),
  signature: z.string().describe('Ed25519 over the bytes of the jar, base64: the field Signature of the upload from Jira 11 on.'),
  certificate: z.object({
    fileName: z.string(),
    subject: z.string(),
    fingerprint: z.string().describe('SHA-256, hexadecimal with colons.'),
    validTo: timeSchema,
  }),
  address: z.string().describe("Where DVCS accounts in Jira's administration leads; part of the jar."),
  hosts: z
    .array(z.string())
    .describe(
      'Addresses of Git hosts that the panel in Jira links to directly, besides the connector; part of the jar. Other links lead to the issue here.',
    ),
  jiraVersion: z.string().nullable().describe('Of the connected Jira as the last test found it; null: not known.'),
  installed: z
    .object({
      state: z
        .enum(['not-connected', 'absent', 'disabled', 'older', 'current', 'newer', 'different', 'unknown'])
        .describe('Beside `version`; `unknown`: Jira did not tell, `problem` says why.'),
      version: z.string().nullable(),
      problem: storedProblemSchema.nullable(),
    })
    .describe('What the connected Jira has.'),
})

export type JiraAppJson = z.infer<typeof jiraAppSchema>
