import { z } from 'zod'
import { listSchema } from './page.ts'
import { timeSchema } from './text.ts'

const countSchema = z.object({
  found: z.number().int(),
  repaired: z.number().int().describe('By the synchronisation that followed, counted in the hour of its end.'),
})

const proofSchema = z.object({
  proved: z.number().int().describe('Repositories that were compared with the host.'),
  failed: z.number().int().describe('Repositories that could not be compared.'),
  refs: countSchema.describe('Branches that were made, moved or deleted.'),
  pullRequests: countSchema,
  builds: countSchema,
  deployments: countSchema,
  missingRepositories: countSchema.describe('Repositories that the host does not have any more.'),
})

/** What the rolling proof found: differences from the host that no webhook and no synchronisation under way explains. */
export const driftSchema = listSchema(proofSchema.extend({ hour: timeSchema.describe('Its beginning.') })).extend({
  total: proofSchema.describe('Since the account was connected.'),
  open: z.number().int().describe('Repositories whose drift is not repaired yet.'),
})

export type DriftJson = z.infer<typeof driftSchema>
export type ProofJson = z.infer<typeof proofSchema>
