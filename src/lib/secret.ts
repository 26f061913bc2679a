import { inspect } from 'node:util'

const SHOWN = '[secret]'

/** A secret that does not show itself: JSON, logs, templates and `inspect` all give `[secret]`. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself, to be called where it leaves for its destination and nowhere else. */
  reveal(): string {
    return this.#value
  }

  toJSON(): string {
    return SHOWN
  }

  toString(): string {
    return SHOWN
  }

  [inspect.custom](): string {
    return SHOWN
  }
}
