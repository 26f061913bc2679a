import { z } from 'zod'
import { ConnectorError } from '../lib/connector-error.ts'

/** Turns the position at which a page ended into the opaque text of `next`, and back. */
export interface Cursor<Position> {
  /** null stays null: there is no next page. */
  encode(position: Position | null): string | null
  /** @throws ConnectorError `cursor-invalid` for a text that is no cursor of this list */
  decode(text: string | undefined): Position | null
}

/**
 * @param list names the list, so that one's cursor is refused by another
 * @param position what a position looks like; texts in it must be storable
 */
export function createCursor<Position>(list: string, position: z.ZodType<Position>): Cursor<Position> {
  const schema = z.tuple([z.literal(list), position])
  return {
    encode: (value) => (value === null ? null : Buffer.from(JSON.stringify([list, value])).toString('base64url')),
    decode(text) {
      if (text === undefined) return null
      const parsed = schema.safeParse(parseJson(Buffer.from(text, 'base64url').toString('utf8')))
      if (parsed.success) return parsed.data[1]
      throw new ConnectorError('cursor-invalid', {
        userMessage: 'The cursor is not one of this list.',
        remedy: 'Give back "next" of the page before as it is, or begin without a cursor.',
      })
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** A text that both databases take. */
export const cursorText = z.string().regex(/^\P{Cc}*$/u)
/** An id or a time in ms. */
export const cursorNumber = z.number().int()
