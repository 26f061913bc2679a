import { PRIORITY_NUMBERS, type JobPriority } from './job-queue.ts'

/** Whose jobs are due, with the priority number of the most urgent one. */
export interface WaitingParty {
  readonly party: string
  readonly priority: number
}

/**
 * Shares the places of one job name out among the parties whose jobs wait: urgency first, then whoever holds the fewest
 * places, then whoever was served longest ago. However many jobs a party has, another one's next job waits for one
 * place at most. And the last place is kept for the others once this node knows of several parties: what is stuck with
 * one party's slow host takes all places but one.
 */
export interface FairShare {
  /** Who gets a free place; null: nobody of these may have it. */
  choose(waiting: readonly WaitingParty[]): string | null
  /** A job of the party begins. */
  begin(party: string): void
  end(party: string): void
  /** To plan with. */
  copy(): FairShare
}

interface State {
  readonly running: Map<string, number>
  /** When each known party was served last, counted in jobs. */
  readonly served: Map<string, number>
}

/** @param places how many jobs of the name this node runs at once */
export function createFairShare(
  places: number,
  { running, served }: State = { running: new Map(), served: new Map() },
): FairShare {
  let turn = Math.max(0, ...served.values())
  const held = (party: string) => running.get(party) ?? 0
  const isEarlier = (a: string, b: string) =>
    held(a) !== held(b) ? held(a) < held(b) : (served.get(a) ?? 0) < (served.get(b) ?? 0)
  return {
    choose(waiting) {
      for (const { party } of waiting) if (!served.has(party)) served.set(party, 0)
      const most = places > 1 && served.size > 1 ? places - 1 : places
      const candidates = waiting.filter(({ party }) => held(party) < most)
      const urgent = Math.min(...candidates.map(({ priority }) => levelOf(priority)))
      let chosen: string | null = null
      for (const { party, priority } of candidates) {
        if (levelOf(priority) === urgent && (chosen === null || isEarlier(party, chosen))) chosen = party
      }
      return chosen
    },
    begin(party) {
      turn += 1
      served.set(party, turn)
      running.set(party, held(party) + 1)
    },
    end(party) {
      if (held(party) > 1) running.set(party, held(party) - 1)
      else running.delete(party)
    },
    copy: () => createFairShare(places, { running: new Map(running), served: new Map(served) }),
  }
}

/** The priority that a number belongs to: numbers beyond it are ranks within. */
function levelOf(number: number): number {
  return Math.max(...LEVELS.filter((level) => level <= number))
}

const LEVELS: readonly number[] = [
  ...Object.values<number>(PRIORITY_NUMBERS satisfies Record<JobPriority, number>),
  Number.NEGATIVE_INFINITY,
]
