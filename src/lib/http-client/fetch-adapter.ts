import type { HttpClient, HttpRequest } from '../http-client.ts'

/** What libraries that speak `fetch` send: a form, always. */
export interface FormRequest {
  readonly method: 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: URLSearchParams
}

/**
 * A `fetch` for libraries, over our client with its rules (addresses, authorities, proxy, times, sizes, redirects).
 * Rejects with the client's `ConnectorError`s. Nothing is repeated: what is sent through it works once.
 */
export function createFormFetch(
  http: HttpClient,
  limits: Pick<HttpRequest, 'signal'> & Required<Pick<HttpRequest, 'timeoutMs' | 'maxBytes'>>,
): (url: string, request: FormRequest) => Promise<Response> {
  return async (url, { method, headers, body }) => {
    const { 'user-agent': _theirs, ...kept } = headers
    const answer = await http.send({
      method,
      url: new URL(url),
      headers: { ...kept, 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
      bytes: Buffer.from(body.toString()),
      ...limits,
      repeatable: false,
      retries: 0,
    })
    const { 'content-type': type } = answer.headers
    return new Response(isWithoutBody(answer.status) ? null : new Uint8Array(answer.body), {
      status: answer.status,
      headers: type === undefined ? {} : { 'content-type': type },
    })
  }
}

/** The constructor of `Response` refuses a body for these. */
function isWithoutBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304
}
