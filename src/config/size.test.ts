import { describe, expect, it } from 'vitest'
import { formatSize, parseSize } from './size.ts'

describe('parseSize', () => {
  it.each([
    ['0B', 0],
    ['1KiB', 1_024],
    ['512MiB', 536_870_912],
    ['2GiB', 2_147_483_648],
    ['1TiB', 1_099_511_627_776],
  ])('%s is %d bytes, and back', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes)
    expect(formatSize(bytes)).toBe(text)
  })

  it.each(['', '2', '2GB', '2 GiB', '1.5GiB', '-1B', '02B', '999999999999TiB'])('refuses %j', (text) => {
    expect(parseSize(text)).toBeNull()
  })
})
