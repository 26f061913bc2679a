import { z } from 'zod'

/** Settings in force on the node that answers, without secrets. */
export const settingsSchema = z.object({
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

export type SettingsJson = z.infer<typeof settingsSchema>
