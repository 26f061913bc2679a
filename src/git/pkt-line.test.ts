import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DELIMITER_PACKET, FLUSH_PACKET, PacketError, parsePackets, toPacket } from './pkt-line.ts'

it('reads back what it formats', () => {
  const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 300 }).filter((text) => !text.endsWith('\n')))
  fc.assert(
    fc.property(texts, (lines) => {
      const body = Buffer.from(lines.map((text) => toPacket(`${text}\n`)).join('') + FLUSH_PACKET)

      expect(parsePackets(body)).toEqual([...lines.map((text) => ({ kind: 'data', text })), { kind: 'flush' }])
    }),
  )
})

it('reads the markers', () => {
  expect(parsePackets(Buffer.from(`${DELIMITER_PACKET}0002${FLUSH_PACKET}`))).toEqual([
    { kind: 'delimiter' },
    { kind: 'response-end' },
    { kind: 'flush' },
  ])
})

it.each(['0', '00', '000', 'zzzz', '-001', '0x10', ' 005a', '0003', '0006a', 'ffff', `ffff${'x'.repeat(70_000)}`, '<html>'])(
  'refuses %j',
  (text) => {
    expect(() => parsePackets(Buffer.from(text))).toThrow(PacketError)
  },
)

it('ends well or with its own error, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        parsePackets(Buffer.from(bytes))
      } catch (error) {
        expect(error).toBeInstanceOf(PacketError)
      }
    }),
  )
})
