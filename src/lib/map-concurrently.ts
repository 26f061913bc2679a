/**
 * Maps `items` with at most `limit` at work at once; results keep their order. The first failure rejects and no
 * further item is begun.
 */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Map<number, R>()
  const queue = items.entries()
  let failed = false
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failed) return
      try {
        results.set(index, await work(item, index))
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane))
  return [...results].toSorted(([a], [b]) => a - b).map(([, result]) => result)
}
