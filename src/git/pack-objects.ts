import { inflateSync } from 'node:zlib'

/**
 * The format of a pack as git writes it (gitformat-pack, version 2), as far as a pack of commits needs it: a head, objects,
 * a checksum. Each object is its type and size, for a difference the way to its base, and the zlib stream.
 */
export interface PackedObject {
  /** Where it begins in the pack. */
  readonly offset: number
  /** `commit`: the object; `difference`: instructions that make it of the object at `base`; `other`: no commit. */
  readonly kind: 'commit' | 'difference' | 'other'
  readonly base: number | null
  readonly data: Buffer
  /** Where the next one begins. */
  readonly end: number
}

/** What begins a pack. */
export const HEAD_BYTES = 12
const COMMIT = 1
const OFFSET_DIFFERENCE = 6
/** Longest type, size and way to the base. */
const LONGEST_HEADER = 32
/** Larger ones are left to git; a commit has a few hundred bytes. */
const MAX_OBJECT_BYTES = 8 * 1024 * 1024
/** What deflate may add at most, with room for encoders that are less clever. */
const overheadOf = (size: number) => 256 + Math.ceil(size / 8)

/** A pack that we do not read. Git may well read it: whoever meets this asks git. */
export class UnreadablePack extends Error {}

/** Objects in the pack. Throws `UnreadablePack`. */
export function readPackHead(head: Buffer): number {
  if (head.toString('latin1', 0, 4) !== 'PACK' || head.readUInt32BE(4) !== 2) throw new UnreadablePack('not a pack of version 2')
  return head.readUInt32BE(8)
}

/**
 * The object that begins at `at` in `bytes`; null when it may not be there to its end yet.
 *
 * @param start where `bytes` begin in the pack
 * @param whole nothing follows `bytes`
 * @throws UnreadablePack
 */
export function readObject(
  bytes: Buffer,
  { at, start, whole }: { readonly at: number; readonly start: number; readonly whole: boolean },
): PackedObject | null {
  if (!whole && bytes.length - at < LONGEST_HEADER) return null
  const offset = start + at
  const { type, size, end: afterSize } = readTypeAndSize(bytes, at)
  if (size > MAX_OBJECT_BYTES) throw new UnreadablePack('a large object')
  if (type !== COMMIT && type !== OFFSET_DIFFERENCE)
    return { offset, kind: 'other', base: null, data: Buffer.alloc(0), end: offset }
  const way = type === OFFSET_DIFFERENCE ? readWayToBase(bytes, afterSize) : null
  const from = way === null ? afterSize : way.end
  const longest = size + overheadOf(size)
  if (!whole && bytes.length - from < longest) return null
  const { data, used } = inflate(bytes.subarray(from, from + longest), size)
  const kind = way === null ? 'commit' : 'difference'
  return { offset, kind, base: way === null ? null : offset - way.distance, data, end: start + from + used }
}

function readTypeAndSize(bytes: Buffer, at: number): { type: number; size: number; end: number } {
  let byte = byteAt(bytes, at)
  const type = (byte >> 4) & 7
  let size = byte & 15
  let end = at + 1
  for (let factor = 16; byte >= 128; factor *= 128, end += 1) {
    byte = byteAt(bytes, end)
    size += (byte & 127) * factor
  }
  return { type, size, end }
}

function readWayToBase(bytes: Buffer, at: number): { distance: number; end: number } {
  let byte = byteAt(bytes, at)
  let distance = byte & 127
  let end = at + 1
  for (; byte >= 128; end += 1) {
    byte = byteAt(bytes, end)
    distance = (distance + 1) * 128 + (byte & 127)
  }
  return { distance, end }
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at]
  if (byte === undefined) throw new UnreadablePack('it ends in an object')
  return byte
}

/** `info` of Node's zlib tells what was used of the input. */
interface Inflated {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}

function inflate(input: Buffer, size: number): { data: Buffer; used: number } {
  try {
    const options = { info: true, maxOutputLength: Math.max(1, size), chunkSize: Math.max(64, size + 16) }
    const { buffer, engine } = inflateSync(input, options) as unknown as Inflated
    if (buffer.length === size) return { data: buffer, used: engine.bytesWritten }
  } catch (cause) {
    throw new UnreadablePack('an object that cannot be inflated', { cause })
  }
  throw new UnreadablePack('an object of another size than it says')
}

/**
 * The object that a difference makes of its base: both sizes, then pieces copied from the base and new bytes.
 *
 * @throws UnreadablePack
 */
export function applyDifference(base: Buffer, difference: Buffer): Buffer {
  const from = readSize(difference, 0)
  const to = readSize(difference, from.end)
  if (from.size !== base.length || to.size > MAX_OBJECT_BYTES) throw new UnreadablePack('a difference against another base')
  const made = Buffer.alloc(to.size)
  let filled = 0
  let at = to.end
  while (at < difference.length) {
    const instruction = byteAt(difference, at)
    at += 1
    const copied = instruction >= 128
    const piece = copied ? readCopy(difference, { at, instruction }) : { offset: at, size: instruction, end: at + instruction }
    const source = copied ? base : difference
    const isFit = piece.size > 0 && piece.offset + piece.size <= source.length && filled + piece.size <= made.length
    if (!isFit) throw new UnreadablePack('a difference that reaches too far')
    source.copy(made, filled, piece.offset, piece.offset + piece.size)
    filled += piece.size
    at = piece.end
  }
  if (filled !== made.length) throw new UnreadablePack('a difference that stops early')
  return made
}

function readSize(bytes: Buffer, at: number): { size: number; end: number } {
  let size = 0
  let end = at
  for (let factor = 1; ; factor *= 128) {
    const byte = byteAt(bytes, end)
    size += (byte & 127) * factor
    end += 1
    if (byte < 128) return { size, end }
  }
}

/** Bits 0 to 3 of the instruction say which bytes of the offset follow, bits 4 to 6 which of the size. */
function readCopy(bytes: Buffer, { at, instruction }: { at: number; instruction: number }) {
  let end = at
  const readBits = (bits: readonly number[]) => {
    let value = 0
    for (const [index, bit] of bits.entries()) {
      if ((instruction & bit) === 0) continue
      value += byteAt(bytes, end) * 256 ** index
      end += 1
    }
    return value
  }
  const offset = readBits([1, 2, 4, 8])
  const size = readBits([16, 32, 64]) || 0x1_00_00
  return { offset, size, end }
}
