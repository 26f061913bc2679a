import { ConnectorError } from '../lib/connector-error.ts'

/** One thing wrong with the configuration. Never holds the value of a secret. */
export interface ConfigProblem {
  /** Path of the file as it was given, or `environment`. */
  readonly file: string
  /** Line in the file, from 1; null in the environment and where the whole file is meant. */
  readonly line: number | null
  /** `accounts[0].token`, or the name of the variable; empty where the whole file is meant. */
  readonly key: string
  /** What is wrong and what would be right. */
  readonly message: string
}

/** `file` of problems with environment variables. */
export const ENVIRONMENT = 'environment'

/** Everything that is wrong with the configuration, at once, in the order of the file. Code: `config-invalid`. */
export class ConfigError extends ConnectorError {
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    const count = problems.length === 1 ? 'One problem' : `${problems.length} problems`
    super('config-invalid', {
      userMessage: [`${count} in the configuration:`, ...problems.map(formatProblem)].join('\n'),
      remedy: 'Correct the keys named; docs/configuration.md describes each.',
    })
    this.problems = problems
  }
}

/** `connector.yaml:12: accounts[0].url: is missing`. */
export function formatProblem({ file, line, key, message }: ConfigProblem): string {
  return [line === null ? file : `${file}:${line}`, ...(key === '' ? [] : [key]), message].join(': ')
}
