import { expect, test } from 'vitest'
import { createPasswords } from './passwords.ts'

const { signal } = new AbortController()
const cheap = createPasswords({ log2N: 4, r: 8, p: 1 })

test('a password is told from others, and never stored as it is', async () => {
  const stored = await cheap.hash('correct horse battery', signal)

  expect(stored).toMatch(/^scrypt\$4\$8\$1\$[\w-]{22}\$[\w-]{43}$/)
  expect(await cheap.hash('correct horse battery', signal)).not.toBe(stored)
  expect(await cheap.verify('correct horse battery', stored, signal)).toBe(true)
  expect(await cheap.verify('correct horse batterz', stored, signal)).toBe(false)
  expect(await cheap.verify('', stored, signal)).toBe(false)
})

test('with nobody of that name the answer is no', async () => {
  expect(await cheap.verify('anything', null, signal)).toBe(false)
})

test('a letter with a mark is the same however it was composed', async () => {
  const stored = await cheap.hash('caf\u00e9 au lait!', signal)

  expect(await cheap.verify('cafe\u0301 au lait!', stored, signal)).toBe(true)
})

test('what was stored with another cost still counts, and the cost of today is what is recommended', async () => {
  const stored = await cheap.hash('correct horse battery', signal)
  const today = createPasswords()

  expect(await today.verify('correct horse battery', stored, signal)).toBe(true)
  expect(await today.hash('correct horse battery', signal)).toMatch(/^scrypt\$17\$8\$1\$/)
})

test('a text that is no stored password is an error, not a no', async () => {
  await expect(cheap.verify('x', 'plain', signal)).rejects.toThrow(RangeError)
})

test('who waits for a place goes when asked to', async () => {
  const leaving = new AbortController()
  const first = Promise.all([cheap.hash('a', signal), cheap.hash('b', signal)])
  const third = cheap.hash('c', leaving.signal)

  leaving.abort(new Error('gone'))

  await expect(third).rejects.toThrow('gone')
  expect(await first).toHaveLength(2)
})
