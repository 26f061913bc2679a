import { expect, test } from 'vitest'
import { toBranchName } from './branch-name.ts'
import { isUsableRefName } from './ref-name.ts'

const TEMPLATE = '${issueKey}-${summary}'

test.each([
  ['Voucher is wrong after removing it', 'SHOP-7-voucher-is-wrong-after-removing-it'],
  ['  "Quotes", (brackets) & ../../etc  ', 'SHOP-7-quotes-brackets-etc'],
  ['Größe für Übergänge', 'SHOP-7-größe-für-übergänge'],
  ['修复 购物车', 'SHOP-7-修复-购物车'],
  ['हिन्दी शीर्षक', 'SHOP-7-हिन्दी-शीर्षक'],
  ['🙂🙂', 'SHOP-7'],
  ['', 'SHOP-7'],
  [null, 'SHOP-7'],
  ['${issueKey} $& $1', 'SHOP-7-issuekey-1'],
  ['a'.repeat(100), `SHOP-7-${'a'.repeat(60)}`],
  [`${'word '.repeat(20)}end`, `SHOP-7-${'word-'.repeat(12).slice(0, -1)}`],
])('"%s" gives %s', (summary, expected) => {
  expect(toBranchName(TEMPLATE, { issueKey: 'SHOP-7', summary })).toBe(expected)
})

test.each([
  ['feature/${issueKey}/${summary}', 'feature/SHOP-7/x'],
  ['${summary}_${issueKey}', 'x_SHOP-7'],
  ['a..b ~^:?*[\\ @{ ${issueKey}.lock', 'a.b-SHOP-7'],
  ['/-${issueKey}//.', 'SHOP-7'],
])('the template %s gives %s, a name that Git takes', (template, expected) => {
  const name = toBranchName(template, { issueKey: 'SHOP-7', summary: 'x' })

  expect(name).toBe(expected)
  expect(isUsableRefName(`refs/heads/${name}`)).toBe(true)
})
