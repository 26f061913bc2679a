import { sign, type KeyObject } from 'node:crypto'

/** Who signs: what Jira calls the consumer of an application link. */
export interface OAuthConsumer {
  readonly key: string
  /** RSA. Jira has the public key. */
  readonly privateKey: KeyObject
}

export interface RequestToSign {
  /** In capitals. */
  readonly method: string
  readonly url: URL
  /** What a body of `application/x-www-form-urlencoded` says; absent: there is no such body. */
  readonly form?: URLSearchParams
}

/** What belongs to one request: a nonce is never used twice. */
export interface SigningMoment {
  /** Such as `oauth_token` or `oauth_callback`. */
  readonly parameters: Readonly<Record<string, string>>
  readonly now: Date
  readonly nonce: string
}

/**
 * The `Authorization` header of a request signed with RSA-SHA1 (RFC 5849, 3.4.3 and 3.5.1). Tokens have secrets too; this
 * method needs none of them.
 */
export function signRequest(request: RequestToSign, consumer: OAuthConsumer, moment: SigningMoment): string {
  const parameters = {
    ...moment.parameters,
    oauth_consumer_key: consumer.key,
    oauth_nonce: moment.nonce,
    oauth_signature_method: 'RSA-SHA1',
    oauth_timestamp: String(Math.floor(moment.now.getTime() / 1000)),
    oauth_version: '1.0',
  }
  const base = Buffer.from(toSignatureBase(request, parameters))
  const signature = sign('RSA-SHA1', base, consumer.privateKey).toString('base64')
  const written = Object.entries({ ...parameters, oauth_signature: signature })
  return `OAuth ${written.map(([name, value]) => `${percentEncode(name)}="${percentEncode(value)}"`).join(', ')}`
}

/**
 * The text that is signed (RFC 5849, 3.4.1): method, address without its default port and without its query, and all
 * parameters of query, form and protocol, encoded, then sorted by name and value.
 *
 * @param parameters of the protocol, without `realm` and `oauth_signature`
 */
export function toSignatureBase({ method, url, form }: RequestToSign, parameters: Readonly<Record<string, string>>): string {
  const pairs = [...url.searchParams, ...(form ?? []), ...Object.entries(parameters)]
  const encoded = pairs.map(([name, value]) => [percentEncode(name), percentEncode(value)] as const)
  const sorted = encoded.toSorted(([name, value], [otherName, otherValue]) =>
    name === otherName ? inOrder(value, otherValue) : inOrder(name, otherName),
  )
  const normalized = sorted.map((pair) => pair.join('=')).join('&')
  // `URL` writes scheme and host in lower case, and leaves 80 and 443 out where they are the default.
  const address = `${url.protocol}//${url.host}${url.pathname}`
  return [method, address, normalized].map(percentEncode).join('&')
}

/** By bytes: all is ASCII here, and a language would sort otherwise. */
function inOrder(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1
}

/** All but the unreserved characters of RFC 3986 (RFC 5849, 3.6). */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}
