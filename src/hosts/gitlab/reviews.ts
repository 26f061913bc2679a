import { z } from 'zod'
import type { Reviewer } from '../../domain/pull-request.ts'
import type { Clock } from '../../lib/clock.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { HostRepositoryRef } from '../types.ts'
import type { GitLabClient } from './client.ts'
import { toReviewers } from './map.ts'
import { PER_PAGE } from './paging.ts'
import { approvalsSchema, reviewerSchema, type MergeRequestJson } from './schema.ts'

/**
 * Reads who reviewed what, which lists do not tell. To keep the number of requests bounded:
 * - open: `/approvals`, and `/reviewers` when someone was asked (approvals may not change `updated_at`);
 * - merged or closed, with reviewers: `/approvals`, if it changed since the last run or within 180 days; in a first
 *   import older ones keep their reviewers without a state, because a long history would cost a request each;
 * - others: no request.
 */
export interface ReviewReader {
  read(request: MergeRequestJson): Promise<readonly Reviewer[]>
}

export interface ReviewReaderOptions {
  readonly client: GitLabClient
  readonly repository: HostRepositoryRef
  readonly signal: AbortSignal
  readonly clock: Clock
  /** True in a run that lists only what changed. */
  readonly everyChange: boolean
}

const RECENT_MS = 180 * 24 * 60 * 60 * 1000
/** A feature that refuses so often in a row is not there, or not for this token; single ones may just be deleted. */
const REFUSALS_UNTIL_OFF = 3

export function createReviewReader({ client, repository, signal, clock, everyChange }: ReviewReaderOptions): ReviewReader {
  const approvals = createOptionalFeature()
  const reviewers = createOptionalFeature()
  const address = (request: MergeRequestJson, resource: string) =>
    client.address(`projects/${repository.hostId}/merge_requests/${request.iid}/${resource}`, { per_page: PER_PAGE })

  return {
    async read(request) {
      const asked = request.reviewers ?? []
      const open = request.state !== 'merged' && request.state !== 'closed'
      const recent = everyChange || clock.now().getTime() - request.updated_at.getTime() < RECENT_MS
      if (!open && (asked.length === 0 || !recent)) return toReviewers(asked, [], [])
      const approved = await approvals(() => client.get(address(request, 'approvals'), approvalsSchema, signal))
      const states =
        open && asked.length > 0
          ? await reviewers(() => client.get(address(request, 'reviewers'), z.array(reviewerSchema), signal))
          : null
      return toReviewers(
        asked,
        (approved?.approved_by ?? []).map(({ user }) => user),
        states ?? [],
      )
    },
  }
}

/** Calls that may be refused (403, 404): null then, and after some in a row without asking. */
function createOptionalFeature(): <T>(call: () => Promise<T>) => Promise<T | null> {
  let refusals = 0
  return async (call) => {
    if (refusals >= REFUSALS_UNTIL_OFF) return null
    try {
      const result = await call()
      refusals = 0
      return result
    } catch (error) {
      if (!isConnectorError(error, 'not-found') && !isConnectorError(error, 'permission-missing')) throw error
      refusals += 1
      return null
    }
  }
}
