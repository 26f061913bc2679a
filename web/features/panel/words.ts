import type { Kind } from './development.ts'

export const TITLES: Readonly<Record<Kind, string>> = {
  branches: 'Branches',
  commits: 'Commits',
  pullRequests: 'Pull requests',
  builds: 'Builds',
  deployments: 'Deployments',
}

const ONE_AND_MANY: Readonly<Record<Kind, readonly [string, string]>> = {
  branches: ['branch', 'branches'],
  commits: ['commit', 'commits'],
  pullRequests: ['pull request', 'pull requests'],
  builds: ['build', 'builds'],
  deployments: ['deployment', 'deployments'],
}

const numbers = new Intl.NumberFormat('en')

/** `1 branch`, `1,204 commits`. */
export function toCounted(count: number, kind: Kind): string {
  return `${numbers.format(count)} ${ONE_AND_MANY[kind][count === 1 ? 0 : 1]}`
}

export function toNumber(count: number): string {
  return numbers.format(count)
}

/** As the host writes its own name. */
export function toHostName(host: string): string {
  return HOSTS[host] ?? host
}

const HOSTS: Readonly<Record<string, string>> = { gitlab: 'GitLab', github: 'GitHub', bitbucket: 'Bitbucket', gitea: 'Gitea' }

/** What the host calls a pull request. */
export function toRequestWord(host: string): string {
  return host === 'gitlab' ? 'merge request' : 'pull request'
}

/** `!12` at GitLab, `#12` elsewhere. */
export function toRequestNumber(host: string, id: string): string {
  return `${host === 'gitlab' ? '!' : '#'}${id}`
}

/** `3 files`. */
export function toFileCount(count: number, exact = true): string {
  return `${numbers.format(count)}${exact ? '' : '+'} ${count === 1 ? 'file' : 'files'}`
}
