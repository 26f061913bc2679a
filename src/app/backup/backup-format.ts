import { z } from 'zod'
import type { CopiedRows } from '../../db/copy/copied-table.ts'

/**
 * A backup is gzip (RFC 1952) of JSON lines (docs/upgrade.md):
 *
 * 1. the head;
 * 2. for every table a line `{ "table", "columns" }`, followed by one line for each row, an array of its values;
 * 3. the end: how many rows there were, and the SHA-256 of all lines before it. What has no end was cut.
 *
 * Nothing in it names a path. It is the same for both databases, so that one can be restored into the other.
 */
export const FORMAT = 'jira-dvcs backup'
export const FORMAT_VERSION = 1

/** What is sealed under a passphrase: the secret key, and a configuration file that has secrets in it. */
export const sealedPartSchema = z.strictObject({
  salt: z.string().regex(/^[\w-]{22}$/),
  key: z.string().max(1_000),
  configuration: z.string().max(4_000_000).nullable(),
})

export const headSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.number().int(),
  createdAt: z.iso.datetime(),
  /** Version of the connector that made it. */
  program: z.string().max(100),
  database: z.enum(['sqlite', 'postgres']),
  /** Steps of the schema. */
  migrations: z.array(z.string().max(200)).max(10_000),
  /** Text of the configuration file; null: there was none, or it has secrets in it. */
  configuration: z.string().max(2_000_000).nullable(),
  sealed: sealedPartSchema.nullable(),
})

export const tableSchema = z.strictObject({
  table: z.string().max(200),
  columns: z.array(z.string().max(200)).min(1).max(1_000),
})

export const rowSchema = z.array(z.union([z.string(), z.int(), z.null()]))

export const endSchema = z.strictObject({
  end: z.strictObject({ rows: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
})

export type BackupHead = z.infer<typeof headSchema>
export type SealedPart = z.infer<typeof sealedPartSchema>

/** Longest line in characters: a webhook's payload of 25 MiB, each character written as six. */
export const LONGEST_LINE = 160 * 1024 * 1024

/** Rows of one table as lines; the table's own line where it begins. */
export function toLines({ table, columns, rows }: CopiedRows, begins: boolean): string {
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  return begins ? `${JSON.stringify({ table, columns })}\n${lines}` : lines
}
