import type { z } from 'zod'
import type { Sha } from '../../domain/ids.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { CommitVerification, HostRepositoryRef } from '../types.ts'
import type { GitLabClient } from './client.ts'
import { commitPeopleSchema, signatureSchema } from './schema.ts'

/**
 * Whether GitLab verified the signature of a commit, and for which address. `verified` says that the key belongs to a user
 * of whom the committer's address is a verified one (GitLab documentation "Signed commits", 13.0 to 18), whatever kind of
 * key it is. Nothing else counts: `verified_system` is GitLab's own key, with which it signs what people do in its pages.
 */
export async function verifyCommit(
  client: GitLabClient,
  { repository, commit }: { repository: HostRepositoryRef; commit: Sha },
  signal: AbortSignal,
): Promise<CommitVerification> {
  const path = `projects/${repository.hostId}/repository/commits/${commit}`
  const signature = await find(client, { path: `${path}/signature`, schema: signatureSchema }, signal)
  if (signature === null) return { verified: false, reason: 'unsigned' }
  if (signature.verification_status !== 'verified') return { verified: false, reason: 'not-verified' }
  const people = await find(client, { path, schema: commitPeopleSchema }, signal)
  return people === null ? { verified: false, reason: 'not-verified' } : { verified: true, email: people.committer_email }
}

/** null: there is none. */
async function find<T>(
  client: GitLabClient,
  { path, schema }: { path: string; schema: z.ZodType<T> },
  signal: AbortSignal,
): Promise<T | null> {
  try {
    return await client.get(client.address(path), schema, signal)
  } catch (error) {
    if (isConnectorError(error, 'not-found')) return null
    throw error
  }
}
