import type { Kysely, Transaction } from 'kysely'
import type { Schema } from './schema.ts'

/** A read-only or auto-committing handle. */
export type Reader = Kysely<Schema>
/** A handle inside a transaction: what every store function takes first, so that none can be forgotten. */
export type Tx = Transaction<Schema>

/** Who waits for the one writer of SQLite: a webhook never stands behind an import's batches. */
export type WritePriority = 'webhook' | 'interactive' | 'background'

export interface Database {
  readonly kind: 'sqlite' | 'postgres'
  readonly read: Reader
  /**
   * Runs `work` in one transaction; it is rolled back when `work` rejects. PostgreSQL may
   * undo it and have it run again: `work` changes nothing but the database. Never make a network call inside.
   * Waiting writes run by priority, then in order of arrival.
   */
  write<T>(priority: WritePriority, work: (tx: Tx) => Promise<T>): Promise<T>
  /** Whether others wait for the transactions of 'background', which had better be short then. */
  isContended(): boolean
  /**
   * To be called between pieces of work that together keep the event loop busy: a transaction whose statement was answered
   * meanwhile goes on, instead of after all of them.
   */
  takeAnswers(): void
  /** Brings the schema up to date; see `migrate.ts`. */
  migrate(): Promise<void>
  close(): Promise<void>
}
