import { parseArgs } from 'node:util'

export interface BenchOptions {
  /** Names of benchmarks; empty: all. */
  readonly names: readonly string[]
  readonly commits: number
  readonly rounds: number
  /** Commits of the long history that shows that memory does not grow. */
  readonly longCommits: number
  readonly newCommits: number
  readonly repositories: number
}

export const USAGE = `npm run bench -- [NAME…] [--commits 100000] [--rounds 5] [--long-commits 300000] [--new-commits 1000] [--repositories 1000]`

/** @throws Error with a text for people when an option is unknown or no positive whole number. */
export function parseOptions(argv: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      commits: { type: 'string', default: '100000' },
      rounds: { type: 'string', default: '5' },
      'long-commits': { type: 'string', default: '300000' },
      'new-commits': { type: 'string', default: '1000' },
      repositories: { type: 'string', default: '1000' },
    },
  })
  return {
    names: positionals,
    commits: toCount(values.commits, 'commits'),
    rounds: toCount(values.rounds, 'rounds'),
    longCommits: toCount(values['long-commits'], 'long-commits'),
    newCommits: toCount(values['new-commits'], 'new-commits'),
    repositories: toCount(values.repositories, 'repositories'),
  }
}

function toCount(text: string, name: string): number {
  const count = Number(text)
  if (Number.isSafeInteger(count) && count > 0) return count
  throw new Error(`--${name} must be a positive whole number, not "${text}"`)
}
