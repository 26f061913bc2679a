/** Told of every request that the HTTP client makes, repeated and redirected ones each: for numbers, never for contents. */
export interface HttpObserver {
  /** It goes out now. */
  sent(): void
  answered(exchange: HttpExchange): void
}

export interface HttpExchange {
  readonly url: URL
  /** null: there was no complete answer. */
  readonly status: number | null
  /** Header names in lower case; empty without an answer. */
  readonly headers: Readonly<Record<string, string>>
  readonly ms: number
}
