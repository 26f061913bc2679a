/** Longer names are not compared: nothing is called like that. */
const MAX_LENGTH = 100

/** The name most like the one written, or null when none is close enough to be meant. Case, `_` and `-` do not count. */
export function findSimilar(written: string, names: Iterable<string>): string | null {
  const plain = (name: string) => name.toLowerCase().replaceAll(/[_-]/g, '')
  if (written.length > MAX_LENGTH) return null
  let best: string | null = null
  let bestDistance = Math.max(1, Math.floor(written.length / 3)) + 1
  for (const name of names) {
    const distance = distanceBetween(plain(written), plain(name))
    if (distance < bestDistance) [best, bestDistance] = [name, distance]
  }
  return best
}

/** Letters to insert, remove or replace (Levenshtein). */
function distanceBetween(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = at(above, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, at(above, column) + 1, at(current, column - 1) + 1))
    }
    above = current
  }
  return at(above, b.length)
}

function at(numbers: readonly number[], index: number): number {
  return numbers[index] ?? Number.POSITIVE_INFINITY
}
