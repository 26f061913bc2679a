/**
 * What a proof found different between the host and what is stored, although nothing was under way that explains it:
 *
 * - refs: a branch was made, moved or deleted.
 * - pull-requests: one was made or changed.
 * - builds, deployments: one was made or changed.
 * - missing-repository: the host does not have the repository any more.
 */
export type DriftKind = 'refs' | 'pull-requests' | 'builds' | 'deployments' | 'missing-repository'

export const DRIFT_KINDS: readonly DriftKind[] = ['refs', 'pull-requests', 'builds', 'deployments', 'missing-repository']

/** How often a difference was found, and how often it was repaired since. */
export interface DriftCount {
  readonly found: number
  readonly repaired: number
}
