import { z } from 'zod'

/** RFC 3339 in UTC, such as `2026-11-22T10:00:00.000Z`. */
export const timeSchema = z.iso.datetime()

/** One line that people typed: no control characters, which a database may refuse and a terminal may obey. */
export const lineSchema = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, { error: 'must not contain control characters' })

/** What a search or a filter carries; empty counts as not given. */
export const filterSchema = z
  .string()
  .max(200)
  .regex(/^\P{Cc}*$/u, { error: 'must not contain control characters' })
  .optional()

/** PROJECT-NUMBER in any case. Which of them are issues is for Jira to say. */
export const issueKeySchema = z
  .string()
  .max(1024)
  .regex(/^[A-Za-z][A-Za-z0-9_]+-[1-9][0-9]*$/, { error: 'must be an issue key, such as SHOP-7' })

/** `true` or `false` in a query; absent: true. */
export const queryFlagSchema = z
  .enum(['true', 'false'])
  .default('true')
  .transform((text) => text === 'true')
