/** A scalar as somebody wrote it. Every option parses text, so that `4`, `"4"` and `${WORKERS}` mean the same. */
export interface RawScalar {
  readonly kind: 'scalar'
  readonly text: string
  readonly line: number | null
  /** Written in the file as it stands: may be repeated in a message. What came from a variable may not. */
  readonly literal: boolean
}

export interface RawList {
  readonly kind: 'list'
  readonly items: readonly RawValue[]
  readonly line: number | null
}

export interface RawMap {
  readonly kind: 'map'
  /** In a Map, so that keys such as `__proto__` are keys like others. */
  readonly entries: ReadonlyMap<string, { readonly line: number | null; readonly value: RawValue }>
  readonly line: number | null
}

export interface RawNull {
  readonly kind: 'null'
  readonly line: number | null
}

/** The configuration file before anything is known about its meaning. */
export type RawValue = RawScalar | RawList | RawMap | RawNull

/** One thing wrong with one value; `at` names a place inside it, such as `[2]` or `.SHOP`. */
export interface Flaw {
  readonly message: string
  readonly line: number | null
  readonly at: string
}

/** Thrown by parsers of values; the loader adds file and key. */
export class InvalidValue extends Error {
  readonly flaws: readonly Flaw[]

  constructor(flaws: readonly Flaw[]) {
    super(flaws.map((flaw) => flaw.message).join('; '))
    this.flaws = flaws
  }
}

/** One flaw of a whole value. */
export function invalid(value: RawValue, message: string): InvalidValue {
  return new InvalidValue([{ message, line: value.line, at: '' }])
}

/** Runs a step and keeps its flaws instead of ending: so that all problems are reported at once. */
export function collectFlaws<T>(flaws: Flaw[], at: string, run: () => T): { readonly value: T } | null {
  try {
    return { value: run() }
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error
    flaws.push(...error.flaws.map((flaw) => ({ ...flaw, at: `${at}${flaw.at}` })))
    return null
  }
}
