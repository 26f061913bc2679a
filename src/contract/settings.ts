import { z } from 'zod'

const count = z.number().int()
const anyCaseInSchema = z.array(z.enum(['branch', 'commit', 'title'])).max(3)

export const issueKeyRulesSchema = z.strictObject({
  anyCaseIn: anyCaseInSchema.describe('Where issue keys in lower case count too.'),
  pullRequestCommits: z
    .boolean()
    .describe(
      'A pull request also belongs to the issues that its commits name, not only to those of its title and source branch.',
    ),
})

/** Settings in force on the node that answers, without secrets. */
export const settingsSchema = z.object({
  issueKeys: z.object({
    ...issueKeyRulesSchema.shape,
    managedBy: z.enum(['file', 'browser']).describe('`file`: read-only here.'),
  }),
  options: z
    .array(
      z.object({
        name: z.string().describe('Path in the configuration file, such as `sync.interval`.'),
        value: z
          .union([z.string(), z.array(z.string()).readonly(), z.null()])
          .describe('As the file says it, variables not replaced; null: absent.'),
        managedBy: z.enum(['file', 'default']).describe('`file`: the file, or the environment, sets it.'),
        description: z.string().describe('Markdown.'),
      }),
    )
    .readonly(),
})

const linkSampleSchema = z.object({
  kind: z.enum(['branch', 'commit', 'pull-request']),
  repository: z.string(),
  text: z.string().describe('Name, title or first line of the message.'),
  issue: z.string(),
  url: z.string().nullable(),
})

/** What a change of the rules would do, by what is stored. */
export const issueKeyPreviewSchema = z.object({
  link: z.object({ count, samples: z.array(linkSampleSchema).readonly() }),
  unlink: z.object({ count, samples: z.array(linkSampleSchema).readonly() }),
  complete: z.boolean().describe('false: the history holds more that is not counted here, because it was not stored.'),
  notes: z.array(z.string()).readonly().describe('What is not counted, and why.'),
})

export type IssueKeyRulesJson = z.infer<typeof issueKeyRulesSchema>
export type SettingsJson = z.infer<typeof settingsSchema>
export type IssueKeyPreviewJson = z.infer<typeof issueKeyPreviewSchema>
