export type RowValue = string | number | null

const NULL = 0
const NUMBER = 1
const TEXT = 2
/** Most batches are a few rows; a packer that goes on keeps what it grew to. */
const FIRST_BYTES = 4 * 1024
/** A UTF-16 unit takes three bytes of UTF-8 at most. */
const BYTES_PER_UNIT = 3
const HEAD_BYTES = 9

/**
 * Values of many rows, one after the other, as bytes outside the heap. Text that waits for its transaction as strings is
 * copied twice by the garbage collector and once more on its way to the thread that writes; 100,000 commits spend a
 * second of computing on that.
 *
 * Each value is a byte that tells its kind, then nothing, a double, or a length of 32 bits and so many bytes of UTF-8.
 */
export class RowPacker {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #end = 0

  add(value: RowValue): void {
    if (typeof value === 'string') this.#addText(value)
    else if (value === null) this.#reserve(HEAD_BYTES)[this.#end++] = NULL
    else {
      const bytes = this.#reserve(HEAD_BYTES)
      bytes[this.#end] = NUMBER
      this.#end = bytes.writeDoubleLE(value, this.#end + 1)
    }
  }

  #addText(text: string): void {
    const bytes = this.#reserve(HEAD_BYTES + text.length * BYTES_PER_UNIT)
    const start = this.#end + 5
    const written = bytes.write(text, start)
    bytes[this.#end] = TEXT
    bytes.writeUInt32LE(written, this.#end + 1)
    this.#end = start + written
  }

  #reserve(more: number): Buffer {
    if (this.#end + more <= this.#bytes.length) return this.#bytes
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#end + more))
    this.#bytes.copy(larger, 0, 0, this.#end)
    this.#bytes = larger
    return larger
  }

  /** What was added since the last call, in memory of its own; the packer is empty then. */
  take(): PackedRows {
    const packed = new Uint8Array(this.#bytes.buffer.slice(0, this.#end))
    this.#end = 0
    return packed
  }
}

/** Made by `RowPacker`. */
export type PackedRows = Uint8Array<ArrayBuffer>

export function packRows(values: Iterable<RowValue>): PackedRows {
  const packer = new RowPacker()
  for (const value of values) packer.add(value)
  return packer.take()
}

/** The rows, each in an array of its own. */
export function* readRows(packed: PackedRows, width: number): Generator<RowValue[]> {
  const reader = new RowReader(packed)
  while (!reader.ended) {
    const row = Array.from<RowValue>({ length: width })
    reader.readInto(row, 0)
    yield row
  }
}

/** Reads values in the order in which they were added. */
export class RowReader {
  readonly #bytes: Buffer
  #at = 0

  constructor({ buffer, byteOffset, byteLength }: PackedRows) {
    this.#bytes = Buffer.from(buffer, byteOffset, byteLength)
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** Puts the next values into a row, from its column `from` on. */
  readInto(row: RowValue[], from: number): void {
    for (let column = from; column < row.length; column += 1) row[column] = this.#read()
  }

  #read(): RowValue {
    const bytes = this.#bytes
    const kind = bytes[this.#at++]
    if (kind === NULL) return null
    const at = this.#at
    if (kind === NUMBER) {
      this.#at = at + 8
      return bytes.readDoubleLE(at)
    }
    this.#at = at + 4 + bytes.readUInt32LE(at)
    return bytes.toString('utf8', at + 4, this.#at)
  }
}
