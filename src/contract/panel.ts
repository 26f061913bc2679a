import { z } from 'zod'
import { fileSchema } from './development.ts'
import { listSchema } from './page.ts'
import { lineSchema, timeSchema } from './text.ts'

/** A whole commit hash, of SHA-1 or SHA-256; any case. */
export const shaSchema = z
  .string()
  .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i, { error: 'must be a whole commit hash' })
  .transform((text) => text.toLowerCase())

const repositoryIdSchema = z.string().regex(/^[1-9][0-9]{0,15}$/, { error: 'must be the id of a repository' })

const placeSchema = z.object({ id: z.string(), name: z.string(), url: z.string(), host: z.string() })

export const commitFilesQuerySchema = z.object({
  repository: repositoryIdSchema.optional().describe('Where the commit is in several repositories; else the one shown first.'),
})

/** Files of one commit, as far as they are kept. */
export const commitFilesSchema = z.object({
  fileCount: z.number().int().describe('All of them; more than `files` has where there are more than 100.'),
  fileCountIsExact: z.boolean().describe('false: the host tells no more than these, and there are more.'),
  files: z.array(fileSchema).readonly(),
  loadedAt: timeSchema,
})

const reasonSchema = lineSchema.describe('Why, for those who ask later.')

const linkSettings = {
  action: z.enum(['link', 'unlink']),
  kind: z.enum(['commit', 'pullRequest']),
  repositoryId: repositoryIdSchema,
  id: z
    .string()
    .regex(/^(?:[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[1-9][0-9]{0,15})$/, {
      error: 'must be a whole commit hash, or the number of a pull request',
    })
    .describe('A commit: its whole hash; a pull request: its number.'),
}

/** What an administrator says about one commit or pull request and this issue, whatever the keys in it say. */
export const newManualLinkSchema = z
  .strictObject({ ...linkSettings, reason: reasonSchema })
  .refine(({ kind, id }) => (kind === 'commit') === id.length >= 40, {
    path: ['id'],
    error: 'must be a whole commit hash for a commit, and a number for a pull request',
  })

export const manualLinkSchema = z.object({
  linkId: z.string().describe('To take it back.'),
  action: linkSettings.action,
  kind: linkSettings.kind,
  repository: placeSchema,
  id: z.string(),
  title: z.string().nullable().describe('First line of the commit, or the title; null: it is stored nowhere (any more).'),
  who: z.string(),
  reason: z.string(),
  at: timeSchema,
})

export const manualLinksSchema = listSchema(manualLinkSchema)

export const issueRefreshSchema = z.object({
  repositories: z.number().int().describe('Repositories that are looked at again.'),
})

export const createBranchQuerySchema = z.object({
  repository: repositoryIdSchema.optional().describe('Only this one; else those that have something of the issue.'),
})

/** Where to make a branch for an issue, at the Git hosts. */
export const createBranchSchema = z.object({
  branchName: z.string(),
  createBranch: z.array(z.object({ repository: placeSchema, url: z.string() })).readonly(),
})

export type ManualLinkJson = z.infer<typeof manualLinkSchema>
