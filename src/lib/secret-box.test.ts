import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isConnectorError } from './connector-error.ts'
import { createSecretBox, deriveKey, MIN_SECRET_KEY_LENGTH } from './secret-box.ts'

const CONTEXT = 'account:acme:token'
const TOKEN = 'REDACTED-SAMPLE-TOKEN'

function failureOf(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}

describe('createSecretBox', () => {
  const box = createSecretBox(randomBytes(32))

  it('opens what it sealed, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, context) => {
        expect(box.open(box.seal(text, context), context)).toBe(text.toWellFormed())
      }),
    )
  })

  it('gives another result each time, which does not hold the text', () => {
    const sealed = [box.seal(TOKEN, CONTEXT), box.seal(TOKEN, CONTEXT)]
    expect(sealed[0]).not.toBe(sealed[1])
    expect(sealed[0]).toMatch(/^v1:[A-Za-z0-9_-]+$/)
    expect(Buffer.from(sealed.join(), 'base64url').toString('latin1')).not.toContain(TOKEN)
  })

  it.each<[string, (sealed: string) => [string, string]]>([
    ['another context', (sealed) => [sealed, 'account:other:token']],
    ['another version', (sealed) => [sealed.replace('v1', 'v2'), CONTEXT]],
    ['no version', (sealed) => [sealed.slice(3), CONTEXT]],
    ['a cut value', (sealed) => [sealed.slice(0, -4), CONTEXT]],
    ['almost nothing left', () => ['v1:AAAA', CONTEXT]],
    ['an empty value', () => ['', CONTEXT]],
    ['text after it', (sealed) => [`${sealed}:AAAA`, CONTEXT]],
  ])('refuses %s', (_name, change) => {
    const [sealed, context] = change(box.seal(TOKEN, CONTEXT))
    const error = failureOf(() => box.open(sealed, context))
    expect(isConnectorError(error, 'secret-unreadable')).toBe(true)
    expect(String(error)).not.toContain(TOKEN)
  })

  it('refuses a change of any byte', () => {
    const bytes = Buffer.from(box.seal(TOKEN, CONTEXT).slice(3), 'base64url')
    const opened = [...bytes.keys()].filter((index) => {
      const changed = Buffer.from(bytes)
      changed[index] = (changed[index] ?? 0) ^ 1
      return !isConnectorError(
        failureOf(() => box.open(`v1:${changed.toString('base64url')}`, CONTEXT)),
        'secret-unreadable',
      )
    })
    expect(opened).toEqual([])
  })

  it('does not open with another key, and says what to do', () => {
    const error = failureOf(() => createSecretBox(randomBytes(32)).open(box.seal(TOKEN, CONTEXT), CONTEXT))
    expect(error).toMatchObject({
      code: 'secret-unreadable',
      userMessage: expect.stringContaining(CONTEXT),
      remedy: expect.stringContaining('secretKey'),
    })
  })

  it('refuses a key of another length', () => {
    expect(() => createSecretBox(randomBytes(16))).toThrow(RangeError)
  })
})

describe('deriveKey', () => {
  it('comes to the same 32 bytes on every node, and to others for another text', () => {
    const key = deriveKey('correct horse battery staple')
    expect(key.toString('hex')).toBe('22f9dc4b31a3092f07dfedc4cb1cafd4afeba82bfcd8ef48e89a83938adc43da')
    expect(deriveKey('correct horse battery stapl3').equals(key)).toBe(false)
  })

  it('refuses a short text', () => {
    expect(failureOf(() => deriveKey('x'.repeat(MIN_SECRET_KEY_LENGTH - 1)))).toMatchObject({ code: 'secret-key-too-short' })
  })
})
