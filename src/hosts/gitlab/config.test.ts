import { describe, expect, it } from 'vitest'
import { parseAddresses, parseOwnerPath } from './config.ts'

describe('parseAddresses', () => {
  it.each([
    ['https://gitlab.example.com', 'https://gitlab.example.com/api/v4/'],
    ['https://gitlab.example.com///', 'https://gitlab.example.com/api/v4/'],
    [' https://gitlab.example.com/gitlab/ ', 'https://gitlab.example.com/gitlab/api/v4/'],
    ['https://gitlab.example.com/gitlab/api/v4/', 'https://gitlab.example.com/gitlab/api/v4/'],
    ['https://gitlab.example.com/api/v3', 'https://gitlab.example.com/api/v4/'],
    ['https://gitlab.example.com/users/sign_in?x=y#z', 'https://gitlab.example.com/api/v4/'],
    ['HTTP://GITLAB.example.com:8080/api', 'http://gitlab.example.com:8080/api/v4/'],
  ])('%s', (url, api) => {
    expect(parseAddresses({ url, gitUrl: null }).api.href).toBe(api)
  })

  it('takes another address for Git', () => {
    const { git, base } = parseAddresses({ url: 'https://gitlab.example.com', gitUrl: 'https://git.example.com/x/' })
    expect([git.href, base.href]).toEqual(['https://git.example.com/x/', 'https://gitlab.example.com/'])
  })

  it.each(['', 'gitlab.example.com', 'ssh://git@gitlab.example.com', 'https://user:hidden@gitlab.example.com'])(
    'refuses "%s"',
    (url) => {
      const parse = () => parseAddresses({ url, gitUrl: null })
      expect(parse).toThrow(expect.objectContaining({ code: 'address-invalid' }))
      expect(parse).not.toThrow('hidden')
    },
  )
})

it.each([
  ['acme', 'acme'],
  ['/acme/platform/', 'acme/platform'],
  ['groups/acme', 'acme'],
  ['https://gitlab.example.com/root/groups/acme/platform', 'acme/platform'],
  ['https://gitlab.example.com/root/acme', 'acme'],
  [' ', null],
  [null, null],
])('owner %j is %j', (owner, expected) => {
  expect(parseOwnerPath(owner, new URL('https://gitlab.example.com/root/'))).toBe(expected)
})
