import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchTransition } from './transition-name.ts'

function named(...names: string[]) {
  return names.map((name) => ({ name }))
}

describe('matchTransition', () => {
  it.each([
    ['resolve', ['Resolve Issue', 'Close Issue', 'Start Progress'], 'Resolve Issue'],
    ['Resolve', ['Resolve Issue', 'Close Issue', 'Start Progress'], 'Resolve Issue'],
    ['start-progress', ['Start Progress', 'Stop Progress'], 'Start Progress'],
    ['close', ['Close', 'Close Issue'], 'Close'],
    ['close', ['Close Issue', 'CLOSE'], 'CLOSE'],
    ['start-up', ['Start-Up X', 'Start Up Now'], 'Start-Up X'],
    ['to-do', [' To Do'], ' To Do'],
    ['done', ['Done', 'Done', 'Done already'], 'Done'],
  ])('#%s among %j is %j', (command, names, expected) => {
    expect(matchTransition(command, named(...names))).toEqual({ kind: 'found', transition: { name: expected } })
  })

  it.each([
    ['st', ['Start Progress', 'Stop Progress'], ['Start Progress', 'Stop Progress']],
    ['start-up', ['Start Up', 'Start Up Now', 'Done'], ['Start Up', 'Start Up Now']],
  ])('#%s among %j is ambiguous', (command, names, among) => {
    expect(matchTransition(command, named(...names))).toEqual({ kind: 'ambiguous', among: named(...among) })
  })

  it.each([
    ['progress', ['Start Progress', 'Stop Progress']],
    ['startprogress', ['Start Progress']],
    ['fff', ['Done']],
    ['done', []],
  ])('#%s among %j names none', (command, names) => {
    expect(matchTransition(command, named(...names))).toEqual({ kind: 'none' })
  })

  it('finds every transition by its own name, whatever else there is, unless another begins like it', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[A-Z][a-z]{1,3}( [A-Z][a-z]{1,3})?$/), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(names, (all) => {
        for (const name of all) {
          const command = name.replaceAll(' ', '-')
          const alike = all.filter((other) => other.toLowerCase().startsWith(name.toLowerCase()))
          const match = matchTransition(command, named(...all))
          if (!name.includes(' ') || alike.length === 1) {
            expect(match).toMatchObject({ kind: 'found' })
            expect(match.kind === 'found' && match.transition.name.toLowerCase()).toBe(name.toLowerCase())
          } else expect(match).toMatchObject({ kind: 'ambiguous' })
        }
      }),
    )
  })
})
