import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { HistoryShape } from './history.ts'

type Question =
  | { readonly kind: 'add-history'; readonly owner: string; readonly shape: HistoryShape }
  | {
      readonly kind: 'add-commits'
      readonly owner: string
      readonly shape: HistoryShape
      readonly count: number
      readonly round: number
    }
  | {
      readonly kind: 'start-jira'
      readonly projects: readonly string[]
      readonly issues: number
      readonly limits: JiraLimits | null
    }
  | { readonly kind: 'count-jira' }
  | { readonly kind: 'await-property'; readonly issue: string; readonly text: string }
  | { readonly kind: 'add-idle'; readonly owner: string; readonly count: number; readonly shared: boolean }
  | { readonly kind: 'count-requests' }
export type HostQuestion = Question & { readonly id: number }
export type HostAnswer = { readonly id: number; readonly result: unknown } | { readonly id: number; readonly error: string }

export interface JiraLimits {
  readonly perSecond: number
  readonly latencyMs: number
}

export interface JiraCount {
  readonly requests: number
  /** Answered with 429. */
  readonly refused: number
  /** Issue properties written. */
  readonly properties: number
}

/** A stand-in GitLab with generated repositories, in its own process. */
export interface Host {
  readonly url: string
  readonly token: string
  /** A group with one public repository; returns its Git address. */
  addHistory(owner: string, shape: HistoryShape): Promise<string>
  /** More commits on the main branch of that repository. */
  addCommits(owner: string, more: { readonly shape: HistoryShape; readonly count: number; readonly round: number }): Promise<void>
  /** A group with so many small repositories that nobody touched for a month. */
  addIdle(owner: string, count: number): Promise<void>
  /** A stand-in Jira with so many issues in each project. */
  startJira(
    projects: readonly string[],
    issues: number,
    limits?: JiraLimits,
  ): Promise<{ readonly url: string; readonly token: string }>
  /** What it was asked since the last call. */
  countJira(): Promise<JiraCount>
  /** When, in ms since 1970, an issue's development property held this text. */
  awaitProperty(issue: string, text: string): Promise<number>
  /** The same, all of them showing one Git repository: thousands are made in seconds. */
  addShared(owner: string, count: number): Promise<void>
  /** Requests since the last call. */
  countRequests(): Promise<number>
  close(): Promise<void>
}

/** Starts it; repositories are made in `folder`. */
export async function startHost(folder: string): Promise<Host> {
  const child = fork(fileURLToPath(new URL('host-process.ts', import.meta.url)), [folder], {
    execArgv: ['--max-old-space-size=4096'],
  })
  const waiting = new Map<number, (answer: HostAnswer) => void>()
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  void ended.then(() => {
    for (const [id, settle] of waiting) settle({ id, error: 'the host process ended' })
  })
  child.on('message', (answer: HostAnswer) => {
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  const answerTo = (id: number) =>
    new Promise<unknown>((resolve, reject) => {
      waiting.set(id, (answer) =>
        'error' in answer ? reject(new Error(`benchmark host: ${answer.error}`)) : resolve(answer.result),
      )
    })
  let lastId = 0
  const ask = (question: Question): Promise<unknown> => {
    const id = (lastId += 1)
    const answered = answerTo(id)
    child.send({ ...question, id })
    return answered
  }
  const { url, token } = (await answerTo(0)) as { url: string; token: string }
  return {
    url,
    token,
    addHistory: async (owner, shape) => ((await ask({ kind: 'add-history', owner, shape })) as { gitUrl: string }).gitUrl,
    addCommits: async (owner, more) => void (await ask({ kind: 'add-commits', owner, ...more })),
    startJira: async (projects, issues, limits) =>
      (await ask({ kind: 'start-jira', projects, issues, limits: limits ?? null })) as { url: string; token: string },
    countJira: async () => (await ask({ kind: 'count-jira' })) as JiraCount,
    awaitProperty: async (issue, text) => (await ask({ kind: 'await-property', issue, text })) as number,
    addIdle: async (owner, count) => void (await ask({ kind: 'add-idle', owner, count, shared: false })),
    addShared: async (owner, count) => void (await ask({ kind: 'add-idle', owner, count, shared: true })),
    countRequests: async () => (await ask({ kind: 'count-requests' })) as number,
    async close() {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}
