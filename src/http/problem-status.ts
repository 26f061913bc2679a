/**
 * The HTTP status of every error code that can reach a caller: the one place where codes meet statuses. A code that is not
 * named here is a failure of the connector itself: 500, with its own text if it is an expected one.
 */
const STATUSES: Readonly<Record<string, number>> = {
  // The request is wrong.
  'request-invalid': 400,
  'cursor-invalid': 400,
  'token-missing': 400,
  'address-invalid': 400,
  'webhook-not-json': 400,
  'sign-in-denied': 400,
  'sign-in-expired': 400,
  'sign-in-failed': 400,
  'authentication-required': 401,
  'token-refused': 401,
  'webhook-refused': 401,
  'route-not-found': 404,
  'account-not-found': 404,
  'repository-not-found': 404,
  'issue-not-found': 404,
  'delivery-not-found': 404,
  'jira-webhooks-off': 404,
  'request-too-slow': 408,
  'account-exists': 409,
  'account-deleting': 409,
  'account-changed': 409,
  'account-not-configured': 409,
  'account-not-oauth': 409,
  'jira-not-connected': 409,
  'jira-not-the-same': 409,
  'managed-by-file': 409,
  'repository-not-linked': 409,
  'delivery-not-replayable': 409,
  'webhook-rotation-running': 409,
  'webhook-secret-by-hand': 409,
  'body-too-large': 413,
  'media-type-unsupported': 415,
  'address-refused': 422,
  'connection-test-failed': 422,
  'host-unknown': 422,
  'too-many-refusals': 429,
  'internal-error': 500,
  // Git host or Jira did not do what was asked.
  'connection-failed': 502,
  'credentials-refused': 502,
  'grant-refused': 502,
  'dns-failed': 502,
  'host-unavailable': 502,
  'jira-anonymous': 502,
  'jira-captcha': 502,
  'jira-cloud': 502,
  'jira-credentials-refused': 502,
  'jira-permission-missing': 502,
  'jira-too-old': 502,
  'jira-unavailable': 502,
  'jira-unexpected-answer': 502,
  'not-found': 502,
  'oauth-client-refused': 502,
  'permission-missing': 502,
  'redirect-refused': 502,
  'response-cut': 502,
  'response-too-large': 502,
  'scope-missing': 502,
  'sign-in-needed': 502,
  'tls-failed': 502,
  'unexpected-answer': 502,
  'request-timeout': 504,
  // Later it will work.
  'database-unavailable': 503,
  'job-queue-unavailable': 503,
  'jira-rate-limited': 503,
  'not-ready': 503,
  'rate-limited': 503,
  'shutting-down': 503,
  'listener-too-slow': 503,
  'too-many-listeners': 503,
  'webhook-not-stored': 503,
}

/** HTTP status of an error code. */
export function statusOf(code: string): number {
  return STATUSES[code] ?? 500
}

/** Codes with a status of their own, for the documentation's test. */
export const CODES_WITH_STATUS: readonly string[] = Object.keys(STATUSES)
