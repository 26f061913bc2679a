import type { ConfigProblem } from './config-error.ts'

export type Report = (problem: ConfigProblem) => void

/** What every step of loading needs. */
export interface Loading {
  /** The configuration file as the user named it, for messages; `environment` without one. */
  readonly file: string
  readonly env: NodeJS.ProcessEnv
  /** Folder for relative paths of the file, and of defaults. */
  readonly fileDir: string
  /** Folder for relative paths of variables. */
  readonly cwd: string
  /** Problems are kept, so that all of them can be told at once. */
  readonly report: Report
}
