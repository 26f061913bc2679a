import type { DevelopmentInformation } from '../domain/development-information.ts'
import { toPropertyUrl } from './property-text.ts'

/** Body of `POST …/remotelink`. */
export interface RemoteLinkPayload {
  readonly globalId: string
  readonly application: { readonly type: string; readonly name: string }
  readonly relationship: string
  readonly object: {
    readonly url: string
    readonly title: string
    readonly status: { readonly resolved: boolean }
  }
}

export interface RemoteLinkOptions {
  /** Id of this connector's installation, so that two connectors do not overwrite each other's links. */
  readonly installationId: string
  /** Numeric id of the issue: the link stays the same one when the key changes. */
  readonly issueId: string
}

/** The id by which Jira finds our link again. */
export function toRemoteLinkGlobalId({ installationId, issueId }: RemoteLinkOptions): string {
  return `dvcs-connector:${installationId}:${issueId}`
}

/** One remote link per issue (contract section 5): its title counts, and it is struck through when no pull request is open any more. */
export function toRemoteLink(info: DevelopmentInformation, options: RemoteLinkOptions): RemoteLinkPayload {
  const { open, merged, declined } = info.summary.pullRequests
  return {
    globalId: toRemoteLinkGlobalId(options),
    application: { type: 'jira-dvcs', name: 'DVCS connector' },
    relationship: 'Development',
    object: {
      url: toPropertyUrl(info.panelUrl),
      title: toTitle(info),
      status: { resolved: open === 0 && merged + declined > 0 },
    },
  }
}

function toTitle({ summary, repositories }: DevelopmentInformation): string {
  const { branches, commits, pullRequests } = summary
  // GitLab's word where everything is GitLab's, Jira's word else.
  const noun = repositories.length > 0 && repositories.every(({ host }) => host === 'gitlab') ? 'merge request' : 'pull request'
  const parts = [
    count(branches, 'branch', 'branches'),
    count(commits, 'commit', 'commits'),
    count(pullRequests.open, `open ${noun}`, `open ${noun}s`),
    count(pullRequests.merged, `merged ${noun}`, `merged ${noun}s`),
    count(pullRequests.declined, `declined ${noun}`, `declined ${noun}s`),
  ].filter((part) => part !== null)
  return parts.length === 0 ? 'No development information' : parts.join(', ')
}

function count(number: number, one: string, many: string): string | null {
  return number === 0 ? null : `${number} ${number === 1 ? one : many}`
}
