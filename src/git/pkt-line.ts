/** A packet of Git's wire format: data, or one of the three markers. */
export type Packet = { readonly kind: 'data'; readonly text: string } | { readonly kind: 'flush' | 'delimiter' | 'response-end' }

/** The format's own limit, in bytes with the four digits of the length. */
const MAX_PACKET_BYTES = 65_520

/** The input is not well-formed packets. */
export class PacketError extends Error {}

/**
 * Parses packets strictly: every length must be four hexadecimal digits and fit, and nothing may be left over.
 * Throws a `PacketError` otherwise. Data loses one trailing newline. Source: gitprotocol-common.
 */
export function parsePackets(body: Buffer): Packet[] {
  const packets: Packet[] = []
  let offset = 0
  while (offset < body.length) {
    const digits = body.toString('latin1', offset, offset + 4)
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new PacketError(`no packet length at byte ${offset}`)
    const length = Number.parseInt(digits, 16)
    if (length < 4) {
      packets.push(toMarker(length))
      offset += 4
      continue
    }
    if (length > MAX_PACKET_BYTES || offset + length > body.length)
      throw new PacketError(`packet of ${length} bytes at byte ${offset} does not fit`)
    packets.push({ kind: 'data', text: body.toString('utf8', offset + 4, offset + length).replace(/\n$/, '') })
    offset += length
  }
  return packets
}

/** Formats one data packet. */
export function toPacket(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text
}

export const FLUSH_PACKET = '0000'
export const DELIMITER_PACKET = '0001'

function toMarker(length: number): Packet {
  if (length === 0) return { kind: 'flush' }
  if (length === 1) return { kind: 'delimiter' }
  if (length === 2) return { kind: 'response-end' }
  throw new PacketError('packet of length 3')
}
