import { expect, test } from 'vitest'
import { toFirstSteps } from './to-first-steps.ts'

const states = { idle: 0, queued: 0, running: 0, retrying: 0, paused: 0, failing: 0 }
const repositories = { total: 0, linked: 0, states, webhooks: { live: 0, polling: 0, broken: 0, off: 0 } }
const accounts = { ok: 0, degraded: 0, needsSignIn: 0, deleting: 0, problems: [] }
const nobody = { issues: 0, oldestSeconds: null }
const jira = { state: null, problem: null, waiting: nobody, refused: nobody }

test('at first nothing is done', () => {
  expect(toFirstSteps({ jira, accounts, repositories }).map(({ done }) => done)).toEqual([false, false, false])
})

test('a Jira that fails is connected all the same, and an account that has a problem is linked', () => {
  const steps = toFirstSteps({ jira: { ...jira, state: 'failing' }, accounts: { ...accounts, needsSignIn: 1 }, repositories })

  expect(steps.map(({ done }) => done)).toEqual([true, true, false])
})

test('the last one is done when the first repository is synchronized', () => {
  const synced = { ...repositories, total: 2, linked: 1, states: { ...states, idle: 1 } }

  expect(toFirstSteps({ jira, accounts: { ...accounts, ok: 1 }, repositories: synced }).at(-1)?.done).toBe(true)
})
