/** Exit codes of every command: contract section 1. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** What a command is given by the process; tests give their own. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** Where passwords are read from. */
  readonly in?: NodeJS.ReadStream
  readonly out: NodeJS.WriteStream
  readonly err: NodeJS.WriteStream
  /** Aborted when the process is asked to stop: see `createStopSignal`. */
  readonly signal: AbortSignal
}
