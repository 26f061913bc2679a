import type { TriggerRunJson } from '../../../src/contract/trigger.ts'

/** What of the log is shown. */
export interface RunFilter {
  readonly rule?: string
  readonly state?: TriggerRunJson['state']
  readonly issue?: string
}

const STATES = ['acting', 'done', 'skipped', 'failed'] as const satisfies readonly TriggerRunJson['state'][]

/** As the API takes it. */
export const ISSUE_KEY = /^[A-Za-z][A-Za-z0-9_]+-[1-9][0-9]*$/

/** The filter that an address carries; what the API would refuse is left out. Numbers in it come parsed. */
export function toRunFilter(search: Readonly<Record<string, unknown>>): RunFilter {
  const { rule, issue } = search
  const state = STATES.find((one) => one === search['state'])
  return {
    ...(typeof rule === 'string' || typeof rule === 'number' ? { rule: String(rule) } : {}),
    ...(state === undefined ? {} : { state }),
    ...(typeof issue === 'string' && ISSUE_KEY.test(issue) ? { issue } : {}),
  }
}
