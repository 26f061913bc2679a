import { describe, expect, it } from 'vitest'
import { findSimilar } from './suggestion.ts'

describe('findSimilar', () => {
  const names = ['interval', 'concurrency', 'listen', 'url']

  it.each([
    ['intervall', 'interval'],
    ['INTERVAL', 'interval'],
    ['conccurency', 'concurrency'],
    ['list-en', 'listen'],
    ['uri', 'url'],
    ['xyz', null],
    ['', null],
    ['interval'.repeat(100), null],
  ])('%s: %s', (written, meant) => {
    expect(findSimilar(written, names)).toBe(meant)
  })
})
