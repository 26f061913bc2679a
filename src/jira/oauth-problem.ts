import { ConnectorError } from '../lib/connector-error.ts'
import type { HttpResponse } from '../lib/http-client.ts'
import { signInDenied, toWord } from './sign-in-errors.ts'

/**
 * What Jira has against a signed request, in the words of the extension "Problem Reporting" of OAuth 1.0; null: it names no
 * problem. It stands in the body as a form or, where another answer was called for, in the header alone. The status does not
 * count: versions of Jira's library have had 400, 401 and 403 for the same problem.
 */
export function findOAuthProblem({ headers, body }: Pick<HttpResponse, 'headers' | 'body'>): string | null {
  const inBody = new URLSearchParams(body.subarray(0, LONGEST_BODY).toString('utf8')).get('oauth_problem')
  const inHeader = /\boauth_problem="([^"]{1,100})"/.exec(headers['www-authenticate'] ?? '')?.[1]
  const problem = inBody ?? inHeader ?? null
  return problem === null ? null : toWord(problem)
}

const LONGEST_BODY = 8 * 1024

/** By the word alone: the rest of the answer may repeat what was signed, and is not shown. */
export function toOAuthError(problem: string, { base, answer, now }: OAuthAttempt): ConnectorError {
  switch (problem) {
    case 'timestamp_refused':
      return clockDiffers(base, clockDifferenceMs(answer, now))
    case 'consumer_key_unknown':
    case 'consumer_key_rejected':
    case 'consumer_key_refused':
      return new ConnectorError('oauth-client-refused', {
        userMessage: `${base.host} does not know the consumer key of the connector (${problem}).`,
        remedy:
          'Enter the consumer key of Settings > Jira connection in the application link in Jira, under incoming authentication.',
      })
    case 'signature_invalid':
    case 'signature_method_rejected':
      return new ConnectorError('oauth-client-refused', {
        userMessage: `${base.host} does not accept the signature of the connector (${problem}).`,
        remedy:
          'Enter the public key of Settings > Jira connection in the application link in Jira once more. If it is the same: jira.url must be ' +
          'the base URL of Jira, and a proxy before Jira must leave host, port and scheme as Jira has them (server.xml).',
      })
    case 'permission_denied':
    case 'user_refused':
      return signInDenied(base)
    case 'token_rejected':
    case 'token_used':
    case 'token_expired':
    case 'token_revoked':
    case 'token_not_authorized':
    case 'permission_unknown':
    case 'additional_authorization_required':
      return new ConnectorError('grant-refused', {
        userMessage: `${base.host} takes this sign-in no more (${problem}).`,
        remedy: 'Sign in again.',
      })
    default:
      return new ConnectorError('sign-in-failed', {
        userMessage: `${base.host} refused the sign-in (${problem}).`,
        remedy: "Begin it again. If it stays, Jira's own log tells more at the same moment.",
      })
  }
}

export interface OAuthAttempt {
  readonly base: URL
  readonly answer: Pick<HttpResponse, 'headers'>
  readonly now: Date
}

function clockDifferenceMs({ headers }: Pick<HttpResponse, 'headers'>, now: Date): number | null {
  const theirs = headers['age'] === undefined ? Date.parse(headers['date'] ?? '') : Number.NaN
  return Number.isNaN(theirs) ? null : now.getTime() - theirs
}

/** Jira takes what was signed within five minutes of its own time. */
function clockDiffers(base: URL, differenceMs: number | null): ConnectorError {
  const minutes = Math.round(Math.abs(differenceMs ?? 0) / 60_000)
  const told =
    minutes === 0 || differenceMs === null
      ? ''
      : ` The clock of this machine is ${minutes} min ${differenceMs > 0 ? 'ahead' : 'behind'}.`
  return new ConnectorError('jira-clock-differs', {
    userMessage: `${base.host} refused the time of the connector's request (timestamp_refused).${told}`,
    remedy: 'Set the clocks of this machine and of Jira by NTP. They may differ by five minutes at most.',
  })
}
