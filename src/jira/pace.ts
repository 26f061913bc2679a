import type { Clock } from '../lib/clock.ts'
import { pauseOf } from './jira-errors.ts'
import { createLatencyLimit, type LatencyLimit, type LatencyMark } from './latency-limit.ts'
import { createTokenEstimate, type PacedAnswer, type SentMark, type TokenEstimate } from './token-estimate.ts'

/**
 * Decides when the next request to Jira may go, so that Jira's people notice nothing: within its rate limit (see
 * `token-estimate.ts`) and with only as many at once as it carries without slowing down (see `latency-limit.ts`).
 */
export interface Pace {
  /**
   * Runs `send` when its turn comes, first come first served, and learns from its answer.
   * Rejects as `send` does, or with the signal's reason when aborted while waiting.
   */
  run<T extends PacedAnswer>(send: () => Promise<T>, signal: AbortSignal): Promise<T>
  state(): PaceState
}

/** For metrics and the connection page. */
export interface PaceState {
  readonly concurrency: number
  readonly underWay: number
  readonly waiting: number
  /** Tokens of Jira's rate limit certainly left; Infinity without a limit. */
  readonly tokens: number
}

export interface PaceOptions {
  readonly clock: Clock
  /** Requests at once at most; default 8. */
  readonly maxConcurrency?: number
}

/** The right to send one request, recorded in both models. */
interface Turn {
  readonly token: SentMark
  readonly latency: LatencyMark
}

export function createPace({ clock, maxConcurrency = 8 }: PaceOptions): Pace {
  const turns = new Turns(clock, maxConcurrency)
  return {
    async run(send, signal) {
      const turn = await turns.take(signal)
      let answer: PacedAnswer | null = null
      try {
        const result = await send()
        answer = result
        return result
      } finally {
        turns.giveBack(turn, answer)
      }
    },
    state: () => turns.state(),
  }
}

class Turns {
  readonly #clock: Clock
  readonly #tokens: TokenEstimate
  readonly #latency: LatencyLimit
  readonly #waiting: ((turn: Turn) => void)[] = []
  #underWay = 0
  #alarm: AbortController | null = null

  constructor(clock: Clock, maxConcurrency: number) {
    const monotonicMs = () => clock.monotonicMs()
    this.#clock = clock
    this.#tokens = createTokenEstimate(monotonicMs)
    this.#latency = createLatencyLimit({ monotonicMs, maxConcurrency })
  }

  take(signal: AbortSignal): Promise<Turn> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error)
        return
      }
      const go = (turn: Turn) => {
        signal.removeEventListener('abort', giveUp)
        resolve(turn)
      }
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1)
        this.#letGo()
        reject(signal.reason as Error)
      }
      signal.addEventListener('abort', giveUp, { once: true })
      this.#waiting.push(go)
      this.#letGo()
    })
  }

  giveBack(turn: Turn, answer: PacedAnswer | null): void {
    this.#underWay -= 1
    this.#tokens.answered(turn.token, answer)
    if (answer?.status === 429) this.#tokens.pause(pauseOf(answer.headers))
    this.#latency.finished(turn.latency, answer !== null && answer.status !== 429)
    this.#letGo()
  }

  state(): PaceState {
    const concurrency = this.#latency.concurrency()
    return { concurrency, underWay: this.#underWay, waiting: this.#waiting.length, tokens: this.#tokens.available() }
  }

  #letGo(): void {
    this.#alarm?.abort()
    this.#alarm = null
    while (this.#waiting.length > 0 && this.#underWay < this.#latency.concurrency() && this.#tokens.available() >= 1) {
      this.#underWay += 1
      this.#waiting.shift()?.({ token: this.#tokens.sent(), latency: this.#latency.started() })
    }
    // With no place free, the next answer comes back here by itself.
    if (this.#waiting.length === 0 || this.#underWay >= this.#latency.concurrency()) return
    const waitMs = this.#tokens.waitMs()
    if (waitMs !== Number.POSITIVE_INFINITY) this.#wakeAfter(waitMs)
  }

  #wakeAfter(ms: number): void {
    const alarm = new AbortController()
    this.#alarm = alarm
    this.#clock.sleep(ms, alarm.signal).then(
      () => this.#letGo(),
      (reason: unknown) => {
        if (!alarm.signal.aborted) throw reason
      },
    )
  }
}
