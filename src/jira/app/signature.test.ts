import { execFileSync, spawnSync } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, verify, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { buildJiraApp } from './build-jira-app.ts'
import { createCertificate } from './certificate.ts'
import { checkCertificate, parseSigningKey, signJiraApp } from './signature.ts'

const { privateKey: key } = generateKeyPairSync('ed25519')
const NOW = new Date('2026-11-27T10:00:00.123Z')
const certificateOf = (name: string, now = NOW) => createCertificate({ key, name, now })
const toPem = (one: typeof key) => one.export({ type: 'pkcs8', format: 'pem' }).toString()
const hasOpenssl = spawnSync('openssl', ['version']).status === 0

/** Runs OpenSSL on files of these contents; the file names stand for themselves in the arguments. */
function openssl(files: Readonly<Record<string, string | Uint8Array>>, ...args: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'jira-dvcs-openssl-'))
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
    return execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('the signature', () => {
  const { jar } = buildJiraApp({ version: '1.2.3', serverUrl: 'https://dvcs.example.com', hosts: [] })

  test('is raw Ed25519 over the bytes of the jar, the same every time', () => {
    const signature = signJiraApp(jar, key)

    expect(signature).toMatch(/^[A-Za-z0-9+/]{86}==$/)
    expect(signJiraApp(jar, key)).toBe(signature)
    expect(verify(null, jar, createPublicKey(key), Buffer.from(signature, 'base64'))).toBe(true)
    const changed = Uint8Array.from(jar)
    changed[100] = (changed[100] ?? 0) ^ 1
    expect(verify(null, changed, createPublicKey(key), Buffer.from(signature, 'base64'))).toBe(false)
  })

  test('verifies with the certificate alone', () => {
    const { publicKey } = new X509Certificate(certificateOf('x'))

    expect(verify(null, jar, publicKey, Buffer.from(signJiraApp(jar, key), 'base64'))).toBe(true)
  })

  test.runIf(hasOpenssl)('OpenSSL verifies it, too', () => {
    const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
    const files = { 'app.jar': jar, 'app.sig': Buffer.from(signJiraApp(jar, key), 'base64'), 'pub.pem': publicKey }

    const said = openssl(files, ...'pkeyutl -verify -pubin -inkey pub.pem -rawin -in app.jar -sigfile app.sig'.split(' '))

    expect(said).toContain('Signature Verified Successfully')
  })
})

describe('the certificate', () => {
  test('says whose it is, for how long, and is signed by its own key', () => {
    const certificate = new X509Certificate(certificateOf('jira-dvcs of dvcs.example.com'))

    expect(certificate.subject).toBe('CN=jira-dvcs of dvcs.example.com')
    expect(certificate.issuer).toBe(certificate.subject)
    expect(certificate.verify(createPublicKey(key))).toBe(true)
    expect(certificate.checkPrivateKey(key)).toBe(true)
    expect(certificate.validFromDate.toISOString()).toBe('2026-11-26T10:00:00.000Z')
    expect(certificate.validToDate.toISOString()).toBe('2046-11-26T10:00:00.000Z')
    expect(certificate.ca).toBe(false)
    expect(certificate.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/)
  })

  test('is the same for the same key, name and time, and has another number at another time', () => {
    const later = new Date(NOW.getTime() + 1000)

    expect(certificateOf('x')).toBe(certificateOf('x'))
    expect(new X509Certificate(certificateOf('x', later)).serialNumber).not.toBe(
      new X509Certificate(certificateOf('x')).serialNumber,
    )
  })

  test('takes names of every script, and cuts long ones between characters', () => {
    const { subject } = new X509Certificate(certificateOf(`${'ü'.repeat(63)}\u{1F600}tail`))

    expect(JSON.parse(`"${subject.slice(3)}"`)).toBe(`${'ü'.repeat(63)}\u{1F600}`)
  })

  test('may end after 2050', () => {
    const certificate = new X509Certificate(certificateOf('x', new Date('2045-01-02T00:00:00Z')))

    expect(certificate.validToDate.toISOString()).toBe('2065-01-01T00:00:00.000Z')
  })

  test.runIf(hasOpenssl)('OpenSSL reads it and takes it for valid', () => {
    const pem = certificateOf('jira-dvcs of dvcs.example.com', new Date())

    const text = openssl({ 'a.crt': pem }, ...'x509 -in a.crt -noout -text'.split(' '))
    const verified = openssl({ 'a.crt': pem }, ...'verify -x509_strict -CAfile a.crt a.crt'.split(' '))

    expect(text).toMatch(/Version: 3[^]*Signature Algorithm: ED25519[^]*CN ?= ?jira-dvcs of dvcs\.example\.com/i)
    expect(text).toMatch(/X509v3 Basic Constraints: critical\s+CA:FALSE/)
    expect(text).toMatch(/X509v3 Key Usage: critical\s+Digital Signature/)
    expect(verified.trim()).toBe('a.crt: OK')
  })
})

describe('a key of a file', () => {
  test('is taken when it is Ed25519', () => {
    expect(parseSigningKey(toPem(key)).equals(key)).toBe(true)
  })

  test.runIf(hasOpenssl)('as OpenSSL makes it', () => {
    expect(parseSigningKey(openssl({}, ...'genpkey -algorithm ed25519'.split(' '))).asymmetricKeyType).toBe('ed25519')
  })

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const sealed = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString()
  test.each([
    ['of another kind', toPem(rsa), /kind rsa/],
    ['under a passphrase', sealed, /passphrase/],
    ['public', createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(), /no private key/],
    ['no key at all', 'my secret text', /no private key/],
  ])('is refused when it is %s', (_name, pem, why) => {
    const refused = () => parseSigningKey(pem)

    expect(refused).toThrow(why)
    expect(refused).toThrow(expect.objectContaining({ code: 'jira-app-key-invalid' }))
    expect(refused).not.toThrow(/my secret text/)
  })
})

describe('a certificate of a file', () => {
  test('is taken when it is the one of the key, and only it', () => {
    const chain = `${certificateOf('x')}${certificateOf('y')}`

    expect(new X509Certificate(checkCertificate(chain, { key, now: NOW })).subject).toBe('CN=x')
  })

  const other = generateKeyPairSync('ed25519').privateKey
  test.each([
    ['of another key', createCertificate({ key: other, name: 'x', now: NOW }), /another key/],
    ['over', certificateOf('x', new Date('2000-01-01')), /ended on 2019-12-3/],
    ['none', 'x', /none in PEM/],
  ])('is refused when it is %s', (_name, pem, why) => {
    const refused = () => checkCertificate(pem, { key, now: NOW })

    expect(refused).toThrow(why)
    expect(refused).toThrow(expect.objectContaining({ code: 'jira-app-certificate-invalid' }))
  })
})
