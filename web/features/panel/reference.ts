import type { ManualLinkJson } from '../../../src/contract/panel.ts'

export interface Reference {
  readonly kind: ManualLinkJson['kind']
  readonly id: string
  /** Address of its repository, where the reference was one itself. */
  readonly repositoryUrl: string | null
}

const HASH = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i
const NUMBER = /^[!#]?([1-9][0-9]{0,15})$/
const COMMIT_PATH = /^(.+?)(?:\/-)?\/commits?\/([0-9a-f]{40}|[0-9a-f]{64})(?:\/|$)/i
const REQUEST_PATH = /^(.+?)(?:\/-)?\/(?:merge_requests|pull|pulls|pull-requests)\/([1-9][0-9]{0,15})(?:\/|$)/

/** What somebody means by a whole hash, a number such as `!12`, or the address of either; null: none of these. */
export function parseReference(text: string): Reference | null {
  const wanted = text.trim()
  if (HASH.test(wanted)) return { kind: 'commit', id: wanted.toLowerCase(), repositoryUrl: null }
  const number = NUMBER.exec(wanted)?.[1]
  if (number !== undefined) return { kind: 'pullRequest', id: number, repositoryUrl: null }
  return parseAddress(wanted)
}

function parseAddress(text: string): Reference | null {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null
  const commit = COMMIT_PATH.exec(url.pathname)
  if (commit?.[1] !== undefined && commit[2] !== undefined) {
    return { kind: 'commit', id: commit[2].toLowerCase(), repositoryUrl: url.origin + commit[1] }
  }
  const request = REQUEST_PATH.exec(url.pathname)
  if (request?.[1] === undefined || request[2] === undefined) return null
  return { kind: 'pullRequest', id: request[2], repositoryUrl: url.origin + request[1] }
}
