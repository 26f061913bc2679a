export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is, when there is no `json`. */
  readonly text?: string
}

/** Ends a request with an answer other than the one asked for. */
export class Refusal extends Error {
  readonly answer: Answer

  constructor(answer: Answer) {
    super(`answered ${answer.status}`)
    this.name = 'Refusal'
    this.answer = answer
  }
}

export function ok(json: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, json, headers }
}

export function message(status: number, text: string): Answer {
  return { status, json: { message: text } }
}

/** GitLab's words for something that is not there or must not be seen: `404 Project Not Found`. */
export function notFound(what: string): Refusal {
  return new Refusal(message(404, `404 ${what} Not Found`))
}

export function forbidden(): Refusal {
  return new Refusal(message(403, '403 Forbidden'))
}

export function unauthorized(): Refusal {
  return new Refusal(message(401, '401 Unauthorized'))
}

/** A parameter outside its values, in the words of GitLab's API framework. */
export function badParameter(text: string): Refusal {
  return new Refusal({ status: 400, json: { error: text } })
}

/** A token that GitLab knows but no longer accepts. */
export function refusedToken(reason: 'expired' | 'revoked'): Refusal {
  const description =
    reason === 'expired'
      ? 'Token is expired. You can either do re-authorization or token refresh.'
      : 'Token was revoked. You have to re-authorize from the user.'
  return new Refusal({ status: 401, json: { error: 'invalid_token', error_description: description } })
}

export function insufficientScope(scopes: readonly string[]): Refusal {
  const description = 'The request requires higher privileges than provided by the access token.'
  return new Refusal({
    status: 403,
    json: { error: 'insufficient_scope', error_description: description, scope: scopes.join(' ') },
  })
}
