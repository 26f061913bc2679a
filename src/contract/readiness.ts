import { z } from 'zod'

export const healthSchema = z.object({ status: z.literal('alive') })

const partSchema = z.enum(['ok', 'failed'])

export const readinessPartsSchema = z.object({ database: partSchema, migrations: partSchema, queue: partSchema })

export const readinessSchema = z.object({ status: z.literal('ready'), parts: readinessPartsSchema })

export type ReadinessParts = z.infer<typeof readinessPartsSchema>
