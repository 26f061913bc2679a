import { expect, test } from 'vitest'
import { parseReference } from './reference.ts'

const SHA = 'ABCDEF0123456789abcdef0123456789abcdef01'
const sha = SHA.toLowerCase()

test.each([
  [` ${SHA} `, { kind: 'commit', id: sha, repositoryUrl: null }],
  ['!12', { kind: 'pullRequest', id: '12', repositoryUrl: null }],
  ['#12', { kind: 'pullRequest', id: '12', repositoryUrl: null }],
  ['12', { kind: 'pullRequest', id: '12', repositoryUrl: null }],
  [
    `https://gitlab.example.com/acme/web/shop/-/commit/${sha}?view=parallel`,
    { kind: 'commit', id: sha, repositoryUrl: 'https://gitlab.example.com/acme/web/shop' },
  ],
  [
    'https://gitlab.example.com/git/acme/shop/-/merge_requests/12/diffs#note_3',
    { kind: 'pullRequest', id: '12', repositoryUrl: 'https://gitlab.example.com/git/acme/shop' },
  ],
  [
    'https://github.example.com/acme/shop/pull/7',
    { kind: 'pullRequest', id: '7', repositoryUrl: 'https://github.example.com/acme/shop' },
  ],
])('%s is understood', (text, reference) => {
  expect(parseReference(text)).toEqual(reference)
})

test.each(['', 'abcdef0', '!0', '-3', 'SHOP-7', `javascript:/x/commit/${sha}`, 'https://gitlab.example.com/acme/shop'])(
  '%j is nothing that can be linked',
  (text) => {
    expect(parseReference(text)).toBeNull()
  },
)
