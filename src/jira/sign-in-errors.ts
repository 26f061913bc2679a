import { ConnectorError } from '../lib/connector-error.ts'

/** What says nothing about the sign-in: Jira is down, or asks to wait. Throws `jira-unavailable`. */
export function throwIfAway({ status }: { readonly status: number }, base: URL): void {
  if (status < 500 && status !== 408 && status !== 429) return
  throw new ConnectorError('jira-unavailable', {
    userMessage: `Jira at ${base.host} did not finish the sign-in (HTTP ${status}).`,
    remedy: 'Try again in a minute.',
    retryable: true,
  })
}

export function signInDenied(base: URL): ConnectorError {
  return new ConnectorError('sign-in-denied', {
    userMessage: `Access was denied at ${base.host}.`,
    remedy: 'Begin the sign-in again, and choose "Allow".',
  })
}

/** A code of the protocol, and nothing else that might come in its place. */
export function toWord(code: string): string {
  return /^[a-z_]{1,60}$/.test(code) ? code : 'unknown error'
}
