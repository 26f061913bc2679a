import { expect, test } from 'vitest'
import { accountId, issueKey } from './ids.ts'
import type { DevelopmentEvent } from './trigger.ts'
import { fillComment, findUnknownPlaceholders } from './trigger-comment.ts'

const happened: DevelopmentEvent = {
  event: 'pull-request-merged',
  subject: '7',
  at: new Date(0),
  keys: [issueKey('SHOP-7')],
  facts: {
    title: '${author} $1 [~ann]',
    url: 'https://x/7',
    author: 'Ann',
    branch: null,
    targetBranch: 'main',
    environment: null,
  },
}
const place = { accountId: accountId('acme'), repository: 'acme/shop' }
const fill = (template: string) =>
  fillComment(template, { happened, place, issue: 'SHOP-7' }, { text: (text) => `<${text}>`, url: (text) => `{${text}}` })

test('fills what the event tells, escaped, and leaves out what it does not have', () => {
  expect(fill('${issue}: "${title}" into ${targetBranch} of ${repository}, ${branch}: ${url}')).toBe(
    '<SHOP-7>: "<${author} $1 [~ann]>" into <main> of <acme/shop>, <>: {https://x/7}',
  )
})

test('leaves what is no placeholder as it is, and tells of it before it is used', () => {
  expect(fill('$issue ${nobody} ${constructor}')).toBe('$issue ${nobody} ${constructor}')
  expect(findUnknownPlaceholders('${issue} ${nobody} ${nobody} ${} ${toString}')).toEqual(['nobody', '', 'toString'])
})
