import { expect, it } from 'vitest'
import { processEnvironment } from './environment.ts'

it('copies the environment, so that later changes do not show', () => {
  const environment = processEnvironment()
  expect(environment['PATH']).toBeDefined()
  expect(processEnvironment()).not.toBe(environment)
})
