import { ConnectorError } from '../../lib/connector-error.ts'

/** The reading token, for callers that may wait and for those that may not. */
export interface TokenSource {
  get(): Promise<string>
  /** The current token, or the last one resolved where a new one would have to be waited for. */
  latest(): string
}

export function createTokenSource(read: () => Promise<string> | string): TokenSource {
  let last: string | null = null
  return {
    async get() {
      last = await read()
      return last
    },
    latest() {
      // A source that answered at once does so again; a promise would come too late here.
      const token = last ?? read()
      if (typeof token === 'string') return token
      const remedy = 'Read the repository from its host before its Git address is asked for.'
      throw new ConnectorError('credentials-refused', { userMessage: 'No token has been read yet.', remedy, retryable: true })
    },
  }
}
