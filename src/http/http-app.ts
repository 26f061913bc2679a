import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { AppContext } from '../app/app-context.ts'
import type { ViewPermission } from '../app/identity/view-permission.ts'
import type { ShownOption } from '../config/shown-options.ts'
import type { Logger } from '../lib/logger.ts'
import type { Passwords } from '../lib/passwords.ts'
import type { Secret } from '../lib/secret.ts'
import type { SecretBox } from '../lib/secret-box.ts'

/** A Fastify instance whose handlers are typed by the schemas of their routes. */
export type HttpApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>

/** What `/metrics` answers with. */
export interface MetricsSource {
  readonly contentType: string
  render(): Promise<string>
}

export interface HttpAppOptions {
  readonly app: AppContext
  readonly secretBox: SecretBox
  /** null: no token is set, only trusted requests are let in. */
  readonly adminToken: Secret | null
  /** A reverse proxy stands in front: the address that it appended to X-Forwarded-For is the caller's. */
  readonly trustProxy: boolean
  readonly version: string
  /** Aborts the running synchronisation with this job key, if this process runs it. */
  readonly abortSync: (key: string) => void
  readonly log: Logger
  /**
   * True for a request that came over the local administration socket, which the data folder's rights protect. Decide by
   * the socket (`request.raw.socket`), never by a header or an address.
   */
  readonly isTrusted?: (request: FastifyRequest) => boolean
  readonly metrics?: MetricsSource
  /** The options in force, for administrators; default: none are shown. */
  readonly options?: readonly ShownOption[]
  /** Serves health and metrics alone, for a node that only works. */
  readonly operationsOnly?: boolean
  /** Where the built web interface lies; default: no pages are served. */
  readonly webFolder?: string
  /** Default: at the cost of today. */
  readonly passwords?: Passwords
  readonly limits?: Partial<HttpLimits>
}

export interface HttpLimits {
  /** A whole request must have arrived within this time. */
  readonly requestTimeoutMs: number
  /** Wrong tokens of one address within a minute, before it gets 429 for further wrong ones. */
  readonly wrongTokensPerMinute: number
  /** Tries to sign in, of one address and for one name, before each has to wait longer than the one before. */
  readonly freeSignIns: { readonly bySource: number; readonly byName: number }
  /** Webhooks of one address within a minute that could not be verified, before it gets 429 for further ones. */
  readonly unverifiedWebhooksPerMinute: number
  /** Between two signs of life on a stream: proxies end connections that say nothing for a minute. */
  readonly heartbeatMs: number
}

export const DEFAULT_LIMITS: HttpLimits = {
  // 25 MiB at 3.4 Mbit/s; slower senders are more likely an attack than a Git host.
  requestTimeoutMs: 60_000,
  wrongTokensPerMinute: 20,
  freeSignIns: { bySource: 20, byName: 5 },
  unverifiedWebhooksPerMinute: 60,
  heartbeatMs: 15_000,
}

/** What the routes work with. */
export interface RouteContext {
  readonly app: AppContext
  readonly secretBox: SecretBox
  readonly abortSync: (key: string) => void
  readonly log: Logger
  readonly viewPermission: ViewPermission
  /** Aborted when the server closes. */
  readonly closing: AbortSignal
}
