/** Milliseconds since 1970 in UTC. */
export type Millis = number
/** 0 or 1: SQLite has no boolean. */
export type Flag = 0 | 1
/** JSON text. */
export type Json = string
