export interface ChangedLines {
  readonly added: number
  readonly removed: number
}

const HUNK = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/

/**
 * Lines that a unified patch adds and removes; null where it has none (a binary file) or is cut. Counted by the numbers
 * in the heads of its parts: what a file holds may look like any line of a patch.
 */
export function countChangedLines(patch: string): ChangedLines | null {
  let added = 0
  let removed = 0
  let before = 0
  let after = 0
  let parts = 0
  for (const line of linesOf(patch)) {
    if (before <= 0 && after <= 0) {
      const head = HUNK.exec(line)
      if (head === null) continue
      before = Number(head[1] ?? 1)
      after = Number(head[2] ?? 1)
      parts += 1
      continue
    }
    const sign = line[0]
    if (sign === '+') {
      added += 1
      after -= 1
    } else if (sign === '-') {
      removed += 1
      before -= 1
    } else if (sign !== '\\') {
      before -= 1
      after -= 1
    }
  }
  return parts === 0 || before > 0 || after > 0 ? null : { added, removed }
}

/** One after the other: a patch of megabytes is not held twice. */
function* linesOf(text: string): Generator<string, void, undefined> {
  let start = 0
  while (start < text.length) {
    const end = text.indexOf('\n', start)
    yield text.slice(start, end < 0 ? text.length : end)
    if (end < 0) return
    start = end + 1
  }
}
