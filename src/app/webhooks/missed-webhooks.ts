import type { AccountId } from '../../domain/ids.ts'
import type { Clock } from '../../lib/clock.ts'

/**
 * Of which accounts this process could not store webhooks. Hosts such as GitLab send each of them once. It is kept in
 * memory until the database takes it (`recordMissedWebhooks`): what kept a webhook from the disk keeps this from it as well.
 */
export interface MissedWebhooks {
  /** @param id null: it is not known of which account, and perhaps it was no webhook at all */
  note(id: AccountId | null): void
  /** When it was noted last, in ms. */
  list(): ReadonlyMap<AccountId | null, number>
  /** Forgets what was not noted again since it was listed. */
  forget(listed: ReadonlyMap<AccountId | null, number>): void
}

/** Ids come from addresses that anybody may invent. */
const MOST_NOTED = 1_000

export function createMissedWebhooks(clock: Clock): MissedWebhooks {
  const noted = new Map<AccountId | null, number>()
  return {
    note: (id) => void noted.set(noted.size < MOST_NOTED || noted.has(id) ? id : null, clock.now().getTime()),
    list: () => new Map(noted),
    forget(listed) {
      for (const [id, at] of listed) if (noted.get(id) === at) noted.delete(id)
    },
  }
}
