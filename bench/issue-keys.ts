import { findIssueKeyCandidates } from '../src/domain/issue-keys.ts'
import type { Bench } from './bench.ts'
import { median } from './figures.ts'
import { BENCHMARK_SHAPE, generateHistory } from './history.ts'

const MEGABYTE = 1_000_000
const MESSAGES = 20_000

/** Texts that make a careless expression slow: it would begin anew at every character, or run to the end for nothing. */
const ADVERSARIAL: readonly (readonly [string, string])[] = [
  ['letters without end', 'A'.repeat(MEGABYTE)],
  ['letters and hyphens', 'A-'.repeat(MEGABYTE / 2)],
  ['projects without numbers', 'ABCDEFGH- '.repeat(MEGABYTE / 10)],
  ['numbers that go on as words', `AB-${'1'.repeat(60)}x `.repeat(MEGABYTE / 65)],
  ['underscores', 'A_'.repeat(MEGABYTE / 2)],
  ['other alphabets', 'ЖAB-1Ж '.repeat(MEGABYTE / 8)],
]

/** How fast texts are searched for issue keys: messages like those of the import, and texts made to be slow. */
export function benchIssueKeys(bench: Bench): Promise<void> {
  const benchmark = 'issue-keys'
  const messages: string[] = []
  for (const entry of generateHistory({ ...BENCHMARK_SHAPE, commits: MESSAGES }))
    if (entry.kind === 'commit') messages.push(String(entry.message))
  bench.report.add({ benchmark, name: 'commit messages', unit: 'MB/s', reached: measure(messages, bench.options.rounds) })
  for (const [name, text] of ADVERSARIAL)
    bench.report.add({ benchmark, name: `adversarial: ${name}`, unit: 'MB/s', reached: measure([text], bench.options.rounds) })
  return Promise.resolve()
}

function measure(texts: readonly string[], rounds: number): number | null {
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  const speeds: number[] = []
  // The first round is the compiler's.
  for (let round = 0; round <= rounds; round += 1) {
    const startedAt = performance.now()
    for (const text of texts) findIssueKeyCandidates(text)
    if (round > 0) speeds.push(bytes / MEGABYTE / ((performance.now() - startedAt) / 1_000))
  }
  return median(speeds)
}
