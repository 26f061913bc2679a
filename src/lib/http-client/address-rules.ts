import { BlockList, isIP } from 'node:net'

/**
 * Addresses that no connection is ever made to: link-local ones and the fixed addresses under which clouds serve
 * machine credentials (169.254.169.254 is link-local; the others are not).
 */
const NEVER = createBlockList([
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::254/128',
  'fd20:ce::254/128',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
])

/** Private, shared, loopback, multicast, reserved and unspecified ranges (IANA special-purpose registries). */
const PRIVATE = createBlockList([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  '::1/128',
  'fc00::/7',
  'fec0::/10',
  'ff00::/8',
])

/** IPv6 prefixes that carry an IPv4 address in their last 32 bits (NAT64) reach what that address reaches. */
const NAT64 = createBlockList(['64:ff9b::/96'])

export type AddressVerdict = 'allowed' | 'never' | 'private'

/** Judges a resolved IP address (text of either family); what is not an IP address is `never`. */
export function judgeAddress(address: string, allowPrivateAddresses: boolean): AddressVerdict {
  const version = isIP(address)
  if (version === 0) return 'never'
  const family = version === 6 ? 'ipv6' : 'ipv4'
  if (version === 6 && NAT64.check(address, 'ipv6')) {
    const embedded = toEmbeddedIpv4(address)
    return embedded === null ? 'never' : judgeAddress(embedded, allowPrivateAddresses)
  }
  if (NEVER.check(address, family)) return 'never'
  if (!allowPrivateAddresses && PRIVATE.check(address, family)) return 'private'
  return 'allowed'
}

/** The IP address a URL's host spells, without brackets and zone; null for a name. */
export function toIpLiteral(hostname: string): string | null {
  const bare = hostname.replace(/^\[|\]$/g, '')
  return isIP(bare) === 0 ? null : bare
}

function createBlockList(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [net = '', prefix = ''] = range.split('/')
    list.addSubnet(net, Number(prefix), net.includes(':') ? 'ipv6' : 'ipv4')
  }
  return list
}

function toEmbeddedIpv4(address: string): string | null {
  // A URL normalises the text, so that the last two groups are always hexadecimal.
  const groups = new URL(`http://[${address.split('%')[0] ?? ''}]`).hostname.replace(/^\[|\]$/g, '').split(':')
  const [high, low] = [groups.at(-2) || '0', groups.at(-1) || '0'].map((group) => Number.parseInt(group, 16))
  if (high === undefined || low === undefined || Number.isNaN(high) || Number.isNaN(low)) return null
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
