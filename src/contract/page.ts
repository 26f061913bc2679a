import { z } from 'zod'

/** Query of every list. */
export const pageQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Entries of a page.'),
  cursor: z.string().max(8000).optional().describe('`next` of the page before.'),
})

/** A page of a list; `next` null: the last one. */
export function listSchema<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item).readonly(),
    next: z.string().nullable().describe('Give it back as `cursor`; null: this is the last page.'),
  })
}
