import type { StoredBranch } from '../../db/stores/branches.ts'
import type { HistorySource } from './history-source.ts'

/** The history of a repository that has none: empty, or its Git part switched off. Stored branches go. */
export function emptyHistory(stored: readonly StoredBranch[]): HistorySource {
  return {
    branches: [],
    exactRanges: true,
    unchanged: stored.length === 0,
    wasTaken: false,
    findKnown: () => Promise.resolve(new Set()),
    async *readCommits() {},
    async *listShas() {},
    renew: () => Promise.resolve(),
    fetchHeads: () => Promise.resolve(new Map()),
    pruneHeads: () => Promise.resolve(),
    maintain: () => Promise.resolve(),
  }
}
