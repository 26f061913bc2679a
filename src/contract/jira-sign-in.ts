import { z } from 'zod'
import { timeSchema } from './text.ts'

const choiceSchema = z.enum(['auto', 'oauth-2', 'application-link', 'none'])

/** How people sign in here with their account of Jira. No secret is in it. */
export const jiraSignInSchema = z.object({
  choice: choiceSchema.describe(
    '`auto`: OAuth 2.0 where Jira (8.22 or later) and the configuration have it, else the application link.',
  ),
  way: z.enum(['oauth-2', 'application-link']).nullable().describe('What the sign-in page offers; null: neither.'),
  jiraVersion: z.string().nullable().describe('As the last test of the connection found it.'),
  provider: z.boolean().describe('Jira has OAuth 2.0, by its version; true as well while that is not known.'),
  client: z.boolean().describe('`jira.oauth` of the configuration has a client of OAuth 2.0.'),
  callback: z.string().describe('Where Jira sends people back to, for both ways.'),
  applicationLink: z
    .object({
      address: z.string().describe('What Jira asks for first: the address of the connector.'),
      consumerKey: z.string(),
      consumerName: z.string(),
      publicKey: z.string().describe('PEM, of the key pair with which the connector signs (RSA-SHA1).'),
      madeAt: timeSchema,
      acceptedAt: timeSchema.nullable().describe('When the connected Jira last accepted it in a test; null: it did not.'),
    })
    .nullable()
    .describe('For incoming authentication by OAuth 1.0a; null: no key pair was made.'),
  steps: z.array(z.string()).describe('How to enter it in Jira.'),
})

export const jiraSignInChangeSchema = z.strictObject({ choice: choiceSchema })

export type JiraSignInJson = z.infer<typeof jiraSignInSchema>
export type JiraSignInChoiceJson = JiraSignInJson['choice']
