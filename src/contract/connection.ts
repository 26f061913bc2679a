import { z } from 'zod'

/** http(s), without credentials, query or fragment; a slash at the end goes. */
export const addressSchema = z
  .string()
  .trim()
  .max(2000)
  .regex(/^https?:\/\//, { error: 'must be an http or https address' })
  .refine(isPlainAddress, { error: 'must be an address without credentials, query and fragment' })
  .transform((text) => text.replace(/\/+$/, ''))

function isPlainAddress(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && url.username === '' && url.password === '' && !text.includes('?') && !text.includes('#')
}

/** It travels in a request header. */
export const secretSchema = z
  .string()
  .min(1)
  .max(4000)
  .regex(/^[\x21-\x7e]+$/, { error: 'must be visible ASCII characters without spaces' })

/** One step of a connection test, in the order tried; the first failing one is the last. */
export const connectionStepSchema = z.object({
  name: z.string(),
  ok: z.boolean(),
  message: z.string().describe('What was found, for people.'),
  remedy: z.string().nullable().describe('What to do when `ok` is false.'),
})

/** Something that is not as it should be, and works all the same. */
export const warningSchema = z.object({
  code: z.string().describe('Stable: see the list of error codes in the documentation.'),
  message: z.string(),
  remedy: z.string().nullable(),
})

export type WarningJson = z.infer<typeof warningSchema>
