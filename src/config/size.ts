const UNITS = { TiB: 2 ** 40, GiB: 2 ** 30, MiB: 2 ** 20, KiB: 2 ** 10, B: 1 } as const
const SIZE = /^(0|[1-9][0-9]{0,11})(B|KiB|MiB|GiB|TiB)$/

/** Reads `512MiB` or `2GiB` into bytes; null when the text is no size or beyond exact numbers. */
export function parseSize(text: string): number | null {
  const match = SIZE.exec(text)
  if (match === null) return null
  const bytes = Number(match[1]) * UNITS[match[2] as keyof typeof UNITS]
  return Number.isSafeInteger(bytes) ? bytes : null
}

/** Writes bytes in the largest unit that divides them, such as `2GiB`. */
export function formatSize(bytes: number): string {
  for (const [unit, unitBytes] of Object.entries(UNITS)) {
    if (bytes >= unitBytes && bytes % unitBytes === 0) return `${bytes / unitBytes}${unit}`
  }
  return `${bytes}B`
}
