import { lookup as resolveName } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { getCACertificates } from 'node:tls'
import { Agent, ProxyAgent, type Dispatcher } from 'undici'
import { judgeAddress } from './address-rules.ts'
import { bypassesProxy } from './no-proxy.ts'
import { toAddressRefused } from './transport-error.ts'

export interface DispatcherOptions {
  /** PEM texts trusted beside the machine's own list. */
  readonly ca: readonly string[]
  readonly proxy: string | null
  readonly noProxy: string
  readonly allowPrivateAddresses: boolean
  readonly connectTimeoutMs: number
  readonly connectionsPerOrigin: number
}

export interface Dispatchers {
  /** The way to `url`, and whether the proxy (and not this process) resolves its name. */
  choose(url: URL): { readonly dispatcher: Dispatcher; readonly viaProxy: boolean }
  destroy(): Promise<void>
}

/** Connection pools: one for direct connections, one through the proxy. Times in ms. */
export function createDispatchers(options: DispatcherOptions): Dispatchers {
  const ca = options.ca.length === 0 ? {} : { ca: [...getCACertificates('default'), ...options.ca] }
  const connect = { ...ca, timeout: options.connectTimeoutMs, allowH2: false }
  const common = { connections: options.connectionsPerOrigin, pipelining: 1, allowH2: false }
  const direct = new Agent({ ...common, connect: { ...connect, lookup: createCheckedLookup(options.allowPrivateAddresses) } })
  const proxied =
    options.proxy === null
      ? null
      : new ProxyAgent({
          ...common,
          uri: options.proxy,
          connectTimeout: options.connectTimeoutMs,
          requestTls: connect,
          proxyTls: connect,
        })
  return {
    choose(url) {
      return proxied === null || bypassesProxy(url, options.noProxy)
        ? { dispatcher: direct, viaProxy: false }
        : { dispatcher: proxied, viaProxy: true }
    },
    async destroy() {
      await Promise.all([direct.destroy(), proxied?.destroy()])
    },
  }
}

/**
 * Resolves a name and hands only permitted addresses to the socket: the check sees the very address that is connected
 * to, so a name that changes its answer (DNS rebinding) does not pass.
 */
function createCheckedLookup(allowPrivateAddresses: boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, '', 0)
        return
      }
      const permitted = addresses.filter(({ address }) => judgeAddress(address, allowPrivateAddresses) === 'allowed')
      const [first] = permitted
      if (first === undefined) {
        const verdict = judgeAddress(addresses[0]?.address ?? '', allowPrivateAddresses)
        callback(toAddressRefused(hostname, verdict === 'private' ? 'private' : 'never'), '', 0)
      } else if (options.all === true) callback(null, permitted)
      else callback(null, first.address, first.family)
    })
  }
}
