import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { signRequest, toSignatureBase } from './oauth1-signature.ts'

describe('the text that is signed', () => {
  test('is that of the example in RFC 5849, 3.4.1.1', () => {
    const base = toSignatureBase(
      {
        method: 'POST',
        url: new URL('http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b'),
        form: new URLSearchParams('c2&a3=2+q'),
      },
      {
        oauth_consumer_key: '9djdj82h48djs9d2',
        oauth_token: 'kkk9d7dh3k39sjv7',
        oauth_signature_method: 'HMAC-SHA1',
        oauth_timestamp: '137131201',
        oauth_nonce: '7d8f3e4a',
      },
    )

    expect(base).toBe(
      'POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D' +
        '%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1' +
        '%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7',
    )
  })

  test('is that under a published signature of the OAuth test cases (9.3, RSA-SHA1)', () => {
    const base = toSignatureBase(
      { method: 'GET', url: new URL('http://photos.example.net/photos?file=vacaction.jpg&size=original') },
      {
        oauth_consumer_key: 'dpf43f3p2l4k3l03',
        oauth_signature_method: 'RSA-SHA1',
        oauth_timestamp: '1196666512',
        oauth_nonce: '13917289812797014437',
        oauth_version: '1.0',
      },
    )

    expect(verify('RSA-SHA1', Buffer.from(base), PUBLISHED_KEY, Buffer.from(PUBLISHED_SIGNATURE, 'base64'))).toBe(true)
  })

  test.each([
    ['HTTP://EXAMPLE.COM:80/r%20v/X?id=123', 'http%3A%2F%2Fexample.com%2Fr%2520v%2FX&id%3D123'],
    ['https://www.example.net:8080/?q=1', 'https%3A%2F%2Fwww.example.net%3A8080%2F&q%3D1'],
    ['https://example.com:443/jira/x', 'https%3A%2F%2Fexample.com%2Fjira%2Fx&'],
    ['http://[::1]:2990/jira', 'http%3A%2F%2F%5B%3A%3A1%5D%3A2990%2Fjira&'],
  ])('of %s has the address without its default port, and never the query twice', (url, rest) => {
    expect(toSignatureBase({ method: 'GET', url: new URL(url) }, {})).toBe(`GET&${rest}`)
  })

  test.each([
    ["!*'()", '%2521%252A%2527%2528%2529'],
    ['-._~', '-._~'],
    ['A,B', 'A%252CB'],
    ['ä ☃', '%25C3%25A4%2520%25E2%2598%2583'],
  ])('encodes %j as RFC 3986 does', (value, encoded) => {
    const url = new URL('http://a.example/x')
    url.searchParams.set('v', value)
    expect(toSignatureBase({ method: 'GET', url }, {})).toBe(`GET&http%3A%2F%2Fa.example%2Fx&v%3D${encoded}`)
  })

  test('sorts by bytes of what is encoded, and by value where names are the same', () => {
    const url = new URL('http://a.example/?b=2&b=10&B=1&a1=x&a%2B=y')

    expect(toSignatureBase({ method: 'GET', url }, {})).toBe(
      `GET&http%3A%2F%2Fa.example%2F&${encodeURIComponent('B=1&a%2B=y&a1=x&b=10&b=2')}`,
    )
  })
})

describe('a signed request', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const request = { method: 'POST', url: new URL('https://jira.example.com/jira/plugins/servlet/oauth/request-token') }
  const moment = {
    parameters: { oauth_callback: 'https://dvcs.example.com/sign-in/jira/callback' },
    now: new Date('2026-11-27T05:00:00.900Z'),
    nonce: 'n-1',
  }
  const header = signRequest(request, { key: 'jira-dvcs-1', privateKey }, moment)
  const read = new Map(
    [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, decodeURIComponent(value)]),
  )

  test('says in its header who signed, how, when, and what for', () => {
    expect(header).toMatch(/^OAuth \w+="[\w%.~-]*"(?:, \w+="[\w%.~-]*")+$/)
    expect(Object.fromEntries(read)).toEqual({
      oauth_callback: 'https://dvcs.example.com/sign-in/jira/callback',
      oauth_consumer_key: 'jira-dvcs-1',
      oauth_nonce: 'n-1',
      oauth_signature: expect.any(String),
      oauth_signature_method: 'RSA-SHA1',
      oauth_timestamp: '1795755600',
      oauth_version: '1.0',
    })
  })

  test('carries a signature that the public key confirms, over all of it', () => {
    const signature = Buffer.from(read.get('oauth_signature') ?? '', 'base64')
    const { oauth_signature: _left, ...parameters } = Object.fromEntries(read)
    const isOver = (changed: object) =>
      verify('RSA-SHA1', Buffer.from(toSignatureBase(request, { ...parameters, ...changed })), publicKey, signature)

    expect(isOver({})).toBe(true)
    expect(isOver({ oauth_nonce: 'n-2' })).toBe(false)
  })
})

const PUBLISHED_KEY = createPublicKey(`-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC0YjCwIfYoprq/FQO6lb3asXrx
LlJFuCvtinTF5p0GxvQGu5O3gYytUvtC2JlYzypSRjVxwxrsuRcP3e641SdASwfr
mzyvIgP08N4S0IFzEURkV1wp/IpH7kH41EtbmUmrXSwfNZsnQRE5SYSOhh+LcK2w
yQkdgcMv11l4KoBkcwIDAQAB
-----END PUBLIC KEY-----`)
const PUBLISHED_SIGNATURE =
  'jvTp/wX1TYtByB1m+Pbyo0lnCOLIsyGCH7wke8AUs3BpnwZJtAuEJkvQL2/9n4s5wUmUl4aCI4BwpraNx4RtEXMe5qg5T1LVTGliMRpKasKsW//e+Rin' +
  'hejgCuzoH26dyF8iY2ZZ/5D1ilgeijhV/vBka5twt399mXwaYdCwFYE='
