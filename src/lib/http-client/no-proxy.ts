import { BlockList, isIP } from 'node:net'
import { toIpLiteral } from './address-rules.ts'

/**
 * True when `url` must be reached directly. `noProxy` is the conventional list: names separated by commas or blanks,
 * `example.com` and `.example.com` also cover subdomains, `name:port` one port, `10.0.0.0/8` a range, `*` everything.
 */
export function bypassesProxy(url: URL, noProxy: string): boolean {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => matches(entry, url.hostname, port))
}

function matches(entry: string, hostname: string, port: string): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return isInRange(hostname, entry)
  const [, name = entry, wantedPort] = /^(.*?)(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? []
  if (wantedPort !== undefined && wantedPort !== port) return false
  const bare = name.replace(/^\*?\./, '')
  return hostname === bare || (toIpLiteral(hostname) === null && hostname.endsWith(`.${bare}`))
}

function isInRange(hostname: string, range: string): boolean {
  const address = toIpLiteral(hostname)
  const [net = '', prefix = ''] = range.split('/')
  const version = isIP(net)
  const bits = Number(prefix)
  if (address === null || version === 0 || !/^\d+$/.test(prefix) || bits > (version === 6 ? 128 : 32)) return false
  const list = new BlockList()
  list.addSubnet(net, bits, version === 6 ? 'ipv6' : 'ipv4')
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}
