import { describe, expect, it } from 'vitest'
import { isReverting } from './reverting-message.ts'

const SHA = '1f2e3d4c5b6a79880716253443526170896a7b8c'

describe('isReverting', () => {
  it.each([
    `Revert "SHOP-1 #time 2h"\n\nThis reverts commit ${SHA}.`,
    'Revert "SHOP-1 #time 2h"',
    `Reapply "SHOP-1 #time 2h"\n\nThis reverts commit ${SHA}.`,
    `SHOP-1 #time 2h was too much\n\nThis reverts commit ${SHA}`,
    'Undo the rounding\n\nThis reverts commit 1f2e3d4 (SHOP-1 #time 2h, 2026-02-03).',
    `Revert "Merge branch 'topic' into 'main'"\n\nThis reverts merge request acme/shop!12`,
  ])('knows %j', (message) => {
    expect(isReverting({ message, merge: false })).toBe(true)
  })

  it.each([
    'SHOP-1 #time 2h',
    'Revert SHOP-1 #time 2h',
    'SHOP-1 #comment Revert "one"',
    'SHOP-1 #close\n\nRevert "one" is the name of the button',
    'SHOP-1 #comment This reverts commit messages to plain text',
    `SHOP-1 #close\n\nUnlike what was said, This reverts commit ${SHA}`,
    '',
  ])('does not take %j for one', (message) => {
    expect(isReverting({ message, merge: false })).toBe(false)
  })

  it('reads the title of the merge request in a merge commit', () => {
    const message = `Merge branch 'revert-1f2e3d4c' into 'main'\n\nRevert "SHOP-1 #time 2h"\n\nSee merge request acme/shop!13`
    expect(isReverting({ message, merge: true })).toBe(true)
    expect(isReverting({ message, merge: false })).toBe(false)
  })
})
