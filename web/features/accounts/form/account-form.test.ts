import { describe, expect, test } from 'vitest'
import type { AccountJson } from '../../../../src/contract/account.ts'
import { ApiError } from '../../../ui/api.ts'
import {
  findChangeErrors,
  findErrors,
  findRefused,
  NEW_ACCOUNT,
  suggestId,
  toAccountChange,
  toForm,
  toNewAccount,
  toProjectKeys,
  withOwner,
  type AccountForm,
} from './account-form.ts'

const filled: AccountForm = { ...NEW_ACCOUNT, owner: 'acme/platform', token: ' glpat-1 ' }
const account = {
  id: 'acme',
  name: 'Acme',
  url: 'https://gitlab.com',
  owner: 'acme',
  gitUrl: null,
  autoLink: true,
  smartCommits: false,
  smartCommitTrust: 'author',
  smartCommitReplies: false,
  include: ['**'],
  exclude: ['**/sandbox-*'],
  jiraProjects: ['SHOP'],
  webhooks: 'auto',
  credential: { kind: 'token', expiresAt: null, user: null },
} as unknown as AccountJson

describe('a new account', () => {
  test('takes name and id from its owner where none are given', () => {
    expect(toNewAccount(filled)).toMatchObject({
      id: 'acme-platform',
      name: 'acme/platform',
      host: 'gitlab',
      owner: 'acme/platform',
      token: 'glpat-1',
      include: ['**'],
    })
  })

  test('without an owner is named by its host, and reads all that the token can', () => {
    expect(toNewAccount({ ...filled, owner: ' ' })).toMatchObject({ id: 'gitlab.com', name: 'gitlab.com', owner: null })
  })

  test('carries one way of signing in', () => {
    const { token, oauth } = toNewAccount({ ...filled, method: 'oauth', clientId: 'app', clientSecret: 's' })

    expect([token, oauth]).toEqual([undefined, { clientId: 'app', clientSecret: 's' }])
  })

  test('sends the secret of hooks installed by hand with no other level', () => {
    const typed = { ...filled, webhookSecret: 'whsec' }

    expect(toNewAccount(typed)).not.toHaveProperty('webhookSecret')
    expect(toNewAccount({ ...typed, webhooks: 'manual' })).toHaveProperty('webhookSecret', 'whsec')
  })
})

describe('a change', () => {
  test('of nothing is empty', () => {
    expect(toAccountChange(toForm(account), account)).toEqual({})
  })

  test('holds what differs, and secrets that were typed', () => {
    const form = { ...toForm(account), exclude: '', owner: '', webhookAdminToken: 'hook' }

    expect(toAccountChange(form, account)).toEqual({ exclude: [], owner: null, webhookAdminToken: 'hook' })
  })
})

test('who is trusted and whether authors are told are settings like others', () => {
  const form = { ...toForm(account), smartCommitTrust: 'verified', smartCommitReplies: true } as const

  expect(toAccountChange(form, account)).toEqual({ smartCommitTrust: 'verified', smartCommitReplies: true })
  expect(toNewAccount(filled)).toMatchObject({ smartCommitTrust: 'author', smartCommitReplies: false })
})

describe('a change of the address', () => {
  const moved = { ...toForm(account), url: 'https://git.example.com/' }

  test('needs the credentials again, and takes the webhook token of the old one away', () => {
    expect(findChangeErrors(moved, account)).toEqual({ token: 'This field is required.' })
    expect(toAccountChange({ ...moved, token: 'new' }, account)).toEqual({
      url: 'https://git.example.com',
      token: 'new',
      webhookAdminToken: null,
    })
  })

  test('is the only one that does', () => {
    expect(findChangeErrors({ ...toForm(account), name: 'Other' }, account)).toEqual({})
    expect(findChangeErrors({ ...toForm(account), name: ' ', webhooks: 'manual' }, account)).toEqual({
      name: 'This field is required.',
      webhookSecret: 'This field is required: hooks installed by hand carry it.',
    })
  })
})

test.each([
  ['https://git.example.com/groups/acme/platform/-/settings', 'https://git.example.com', 'acme/platform'],
  ['https://gitlab.com/acme/', 'https://gitlab.com', 'acme'],
  ['acme/tools', 'https://gitlab.com', 'acme/tools'],
])('%s is an address with an owner', (text, url, owner) => {
  expect(withOwner(NEW_ACCOUNT, text)).toMatchObject({ url, owner })
})

test.each([
  ['Acme Plattform & Söhne', 'acme-plattform-so-hne'],
  ['jira', 'jira-account'],
  ['--', ''],
  ['日本', ''],
])('the id of %s', (name, id) => {
  expect(suggestId(name)).toBe(id)
})

test('project keys may be separated by anything and typed in any case', () => {
  expect(toProjectKeys(' shop,PAY;  OPS\nshop ')).toEqual(['SHOP', 'PAY', 'OPS'])
})

test('says what is missing before the connector is asked', () => {
  expect(Object.keys(findErrors({ ...NEW_ACCOUNT, url: 'gitlab.com', webhooks: 'manual', jiraProjects: '1-2' }))).toEqual([
    'url',
    'token',
    'webhookSecret',
    'jiraProjects',
  ])
  expect(findErrors(filled)).toEqual({})
})

test('what the connector refused stands at its field', () => {
  const errors = [
    { in: 'body', field: 'include.0', message: 'is too long' },
    { in: 'body', field: 'oauth.clientId', message: 'is odd' },
  ] as const
  const problem = { errors } as unknown as ApiError['problem']
  const error = new ApiError('refused', { code: 'request-invalid', status: 400, remedy: null, problem })

  expect(findRefused(error)).toEqual({ include: 'is too long', clientId: 'is odd' })
})

test('an id that is taken is wrong at its field', () => {
  const error = new ApiError('There is one.', {
    code: 'account-exists',
    status: 409,
    remedy: 'Choose another id.',
    problem: null,
  })

  expect(findRefused(error)).toEqual({ id: 'Choose another id.' })
})
