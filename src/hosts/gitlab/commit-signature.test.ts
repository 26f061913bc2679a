import { afterEach, describe, expect, test } from 'vitest'
import { sha } from '../../domain/ids.ts'
import { scriptGitLab, SHOP, type ScriptedCall, type ScriptedGitLab } from './scripted-gitlab.ts'

const COMMIT = sha('a'.repeat(40))
const PATH = `/api/v4/projects/501/repository/commits/${COMMIT}`
const SIGNATURE = `${PATH}/signature`
const signal = new AbortController().signal

let gitlab: ScriptedGitLab | null = null
afterEach(async () => {
  await gitlab?.finish()
  gitlab = null
})

async function verify(calls: readonly ScriptedCall[]) {
  gitlab = await scriptGitLab(() => calls)
  return gitlab.connect().verifyCommit(SHOP, COMMIT, signal)
}

const people = (more: Record<string, unknown> = {}): ScriptedCall => ({
  path: PATH,
  body: { id: COMMIT, author_email: 'author@example.com', committer_email: 'ann@example.com', ...more },
})

/** As in GitLab's documentation "Commits API", "Get signature of a commit". */
const KINDS: readonly (readonly [string, Record<string, unknown>])[] = [
  ['PGP', { gpg_key_id: 1, gpg_key_primary_keyid: '8254AAB3FBD54AC9', gpg_key_user_email: 'other@example.com' }],
  ['SSH', { key: { id: 11, title: 'Key', key: 'ssh-ed25519 AAAA', usage_type: 'auth_and_signing' } }],
  ['X509', { x509_certificate: { id: 1, email: 'other@example.com', certificate_status: 'good' } }],
]

describe.each(KINDS)('a signature of the kind %s', (kind, details) => {
  const signature = (status: unknown): ScriptedCall => ({
    path: SIGNATURE,
    body: { signature_type: kind, verification_status: status, commit_source: 'gitaly', ...details },
  })

  test('that is verified counts for the address of the committer, whatever address the key names', async () => {
    expect(await verify([signature('verified'), people()])).toEqual({ verified: true, email: 'ann@example.com' })
  })

  test.each([
    'unverified',
    'unverified_key',
    'unverified_author_email',
    'same_user_different_email',
    'other_user',
    'unknown_key',
    'multiple_signatures',
    'revoked_key',
    'verified_system',
    'VERIFIED',
    ' verified',
    'a word of the future',
    true,
    { verified: true },
    ['verified'],
    '',
    null,
    undefined,
  ])('that is %j does not count, and nobody is asked for', async (status) => {
    expect(await verify([signature(status)])).toEqual({ verified: false, reason: 'not-verified' })
  })
})

test('a commit without a signature is unsigned', async () => {
  const body = { message: '404 Signature Not Found' }

  expect(await verify([{ path: SIGNATURE, status: 404, body }])).toEqual({ verified: false, reason: 'unsigned' })
})

test('a commit that vanished after its signature was read does not count', async () => {
  const calls = [
    { path: SIGNATURE, body: { verification_status: 'verified' } },
    { ...people(), status: 404 },
  ]

  expect(await verify(calls)).toEqual({ verified: false, reason: 'not-verified' })
})

describe('an answer that says nothing of use is a failure, never a verification', () => {
  test.each<[string, unknown]>([
    ['a list', [{ verification_status: 'verified' }]],
    ['a word', '"verified"'],
    ['null', 'null'],
    ['a page', '<html>verification_status: verified</html>'],
    ['what was cut off', '{"verification_status":"verified"'],
  ])('%s for the signature', async (_name, body) => {
    await expect(verify([{ path: SIGNATURE, body }])).rejects.toMatchObject({ code: 'unexpected-answer' })
  })

  test.each([
    ['no address', undefined],
    ['an empty address', ''],
    ['null', null],
    ['a list of addresses', ['ann@example.com']],
  ])('%s of the committer', async (_name, email) => {
    const signature = { path: SIGNATURE, body: { verification_status: 'verified' } }

    await expect(verify([signature, people({ committer_email: email })])).rejects.toMatchObject({ code: 'unexpected-answer' })
  })

  test('a refusal is told as one', async () => {
    await expect(verify([{ path: SIGNATURE, status: 403, body: {} }])).rejects.toMatchObject({ code: 'permission-missing' })
  })
})
