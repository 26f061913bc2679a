import type { ImportedCommit, ImportedEntry } from '../src/sandbox/fast-import.ts'

export interface HistoryShape {
  readonly commits: number
  readonly branches: number
  /** Shares of 1. */
  readonly keyed: number
  readonly merges: number
  readonly projects: number
  readonly shortest: number
  readonly longest: number
}

/** The repository of the requirement: lengths are spread evenly, so a message has about 1,000 characters. */
export const BENCHMARK_SHAPE: HistoryShape = {
  commits: 100_000,
  branches: 200,
  keyed: 0.6,
  merges: 0.05,
  projects: 40,
  shortest: 20,
  longest: 2_000,
}

/** Issues a project, met in no order: real histories name neighbouring issues at a time, which is easier for an index. */
const ISSUES_PER_PROJECT = 500
const PEOPLE = 50
const FIRST_COMMIT_AT = Date.UTC(2016, 0, 4, 8)
const WORDS =
  'the a of to cart price order stock page when after adds removes keeps test slow cache index user login report and with without for'.split(
    ' ',
  )

/** The same commits whenever it is asked: main and side branches that are merged back and begun anew. */
export function* generateHistory(shape: HistoryShape): Generator<ImportedEntry> {
  const random = createRandom(20_161_204)
  const text = createText(random)
  const names = ['main', ...Array.from({ length: shape.branches - 1 }, (_, index) => `work/${index + 1}`)]
  const tips = new Map<string, number>()
  // Only what is merged begins anew: nothing may become unreachable.
  const merged = new Set<string>()
  for (let mark = 1; mark <= shape.commits; mark += 1) {
    const side = names[1 + Math.floor(random() * (names.length - 1))] ?? 'main'
    const main = tips.get('main')
    const onSide = tips.get(side)
    const isMerge = random() < shape.merges && main !== undefined && onSide !== undefined
    // Every branch exists in the end: the last commits begin those that none was picked for.
    const missing = shape.commits - mark < names.length ? names.find((name) => !tips.has(name)) : undefined
    const name = missing ?? (isMerge || random() < 0.6 ? 'main' : side)
    const first = (merged.delete(name) ? main : tips.get(name)) ?? main
    const isMerged = isMerge && missing === undefined
    const parents = first === undefined ? [] : isMerged ? [first, onSide] : [first]
    yield { ...describe(mark, { shape, random, text }), ref: `refs/heads/${name}`, parents }
    tips.set(name, mark)
    if (isMerged) merged.add(side)
  }
}

/** Further commits on `branch`, one after the other; `round` makes them differ from those of other rounds. */
export function* generateMore(
  shape: HistoryShape,
  more: { readonly from: string; readonly count: number; readonly round: number },
): Generator<ImportedEntry> {
  const random = createRandom(7_919 * (more.round + 1))
  const text = createText(random)
  for (let mark = 1; mark <= more.count; mark += 1) {
    const described = describe(mark, { shape, random, text })
    const authoredAt = new Date(FIRST_COMMIT_AT + (shape.commits + more.round * more.count + mark) * 300_000)
    yield { ...described, authoredAt, ref: 'refs/heads/main', parents: [mark === 1 ? more.from : mark - 1] }
  }
}

interface Source {
  readonly shape: HistoryShape
  readonly random: () => number
  readonly text: string
}

function describe(mark: number, { shape, random, text }: Source): Omit<ImportedCommit, 'ref' | 'parents'> {
  const person = Math.floor(random() * PEOPLE)
  const length = shape.shortest + Math.floor(random() * (shape.longest - shape.shortest + 1))
  const issue = 1 + Math.floor(random() * ISSUES_PER_PROJECT)
  const key = random() < shape.keyed ? `${projectKey(Math.floor(random() * shape.projects))}-${issue} ` : ''
  const start = Math.floor(random() * (text.length - shape.longest))
  return {
    kind: 'commit',
    mark,
    author: { name: `Person ${person}`, email: `person.${person}@example.com` },
    authoredAt: new Date(FIRST_COMMIT_AT + mark * 300_000),
    message: `${key}${text.slice(start, start + Math.max(1, length - key.length - 1))}\n`,
  }
}

/** Lines of words to cut messages from. */
function createText(random: () => number): string {
  let text = ''
  let line = ''
  while (text.length < 256 * 1024) {
    line += `${WORDS[Math.floor(random() * WORDS.length)] ?? ''}${Math.floor(random() * 100)} `
    if (line.length < 70) continue
    text += `${line.trimEnd()}\n`
    line = ''
  }
  return text
}

/** Mulberry32: the same numbers on every machine. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Keys of the projects that a history names. */
export function listProjects({ projects }: HistoryShape): string[] {
  return Array.from({ length: projects }, (_, index) => projectKey(index))
}

/** PROJA, PROJB, … PROJZ, PROKA, … */
function projectKey(index: number): string {
  return `PRO${String.fromCodePoint(74 + Math.floor(index / 26), 65 + (index % 26))}`
}
