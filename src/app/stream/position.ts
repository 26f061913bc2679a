/** How far a listener was told. */
export interface Position {
  /** In ms since 1970. */
  readonly at: number
  /** Highest numbers of webhooks and of writes to Jira. */
  readonly webhook: number
  readonly write: number
}

export function formatPosition({ at, webhook, write }: Position): string {
  return `${at}-${webhook}-${write}`
}

/** null: not one of ours, as after a change of its form: the listener begins anew. */
export function parsePosition(text: string): Position | null {
  const [, at, webhook, write] = /^([0-9]{1,15})-([0-9]{1,15})-([0-9]{1,15})$/.exec(text) ?? []
  return write === undefined ? null : { at: Number(at), webhook: Number(webhook), write: Number(write) }
}
