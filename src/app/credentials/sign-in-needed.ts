import type { AccountId } from '../../domain/ids.ts'
import { ConnectorError } from '../../lib/connector-error.ts'

/** Only a person can get this account a new token. Its data is kept; nothing is asked of the host meanwhile. */
export function signInNeeded(id: AccountId, cause?: ConnectorError): ConnectorError {
  const reason = cause === undefined ? 'nobody is signed in at its Git host.' : cause.userMessage
  return new ConnectorError('sign-in-needed', {
    userMessage: `The account "${id}" needs a sign-in: ${reason}`,
    remedy: `Sign in: POST /api/v1/accounts/${encodeURIComponent(id)}/authorize gives the address to open in a browser. Its data is kept.`,
    cause,
  })
}
