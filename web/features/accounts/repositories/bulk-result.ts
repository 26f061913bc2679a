import type { BulkResultJson } from '../../../../src/contract/repository-bulk.ts'

/** Of several requests that make one action. */
export function addResults(results: readonly BulkResultJson[]): BulkResultJson {
  return {
    matched: sum(results, ({ matched }) => matched),
    changed: sum(results, ({ changed }) => changed),
    queued: sum(results, ({ queued }) => queued),
    failed: results.flatMap(({ failed }) => failed),
  }
}

function sum(results: readonly BulkResultJson[], count: (result: BulkResultJson) => number): number {
  return results.reduce((total, result) => total + count(result), 0)
}

/** `3 of 5 repositories changed, 3 synchronizations queued, 1 failed: …`. */
export function describeResult({ matched, changed, queued, failed }: BulkResultJson): string {
  const parts = [
    `${changed.toLocaleString('en')} of ${matched.toLocaleString('en')} changed`,
    ...(queued > 0 ? [`${queued.toLocaleString('en')} to be synchronized`] : []),
  ]
  const [first] = failed
  if (first === undefined) return `${parts.join(', ')}.`
  const { message, remedy } = first.problem
  const more = failed.length > 1 ? ` (and ${(failed.length - 1).toLocaleString('en')} more)` : ''
  return `${parts.join(', ')}, ${failed.length.toLocaleString('en')} failed: ${message}${more}${remedy === null ? '' : ` ${remedy}`}`
}
