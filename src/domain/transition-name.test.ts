import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchTransition, transitionCommand } from './transition-name.ts'

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
    ['resolve-issue', ['Resolve Issue', 'Resolve Issue as Duplicate'], 'Resolve Issue'],
    ['start-up', ['Start Up', 'Start Up Now', 'Done'], 'Start Up'],
    ['re-open-issue', ['Re-open Issue', 'Re-open as Duplicate'], 'Re-open Issue'],
    ['re-open', ['Re-open', 'Re open', 'Re-open Issue'], 'Re-open'],
    ['a-b-c', ['A-b c', 'A-b c d'], 'A-b c'],
  ])('#%s among %j is %j', (command, names, expected) => {
    expect(matchTransition(command, named(...names))).toEqual({ kind: 'found', transition: { name: expected } })
  })

  it.each([
    ['st', ['Start Progress', 'Stop Progress'], ['Start Progress', 'Stop Progress']],
    ['resolve', ['Resolve Issue', 'Resolve Issue as Duplicate'], ['Resolve Issue', 'Resolve Issue as Duplicate']],
    ['done', ['Done', 'DONE', 'Done already'], ['Done', 'DONE']],
    ['start-up', ['Start Up', 'Start up', 'Start Up Now'], ['Start Up', 'Start up']],
    ['ready-for-qa', ['Ready for QA 2', 'Ready for QA 3'], ['Ready for QA 2', 'Ready for QA 3']],
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

  it('finds every transition by its own name, whatever else there is, unless another begins so with a hyphen', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[A-Z][a-z]{1,3}( [A-Z][a-z]{1,3})?$/), {
      minLength: 1,
      maxLength: 6,
      selector: (name) => name.toLowerCase(),
    })
    fc.assert(
      fc.property(names, (all) => {
        for (const name of all) {
          const match = matchTransition(name.replaceAll(' ', '-'), named(...all))
          expect(match).toEqual({ kind: 'found', transition: { name } })
        }
      }),
    )
  })
})

describe('transitionCommand', () => {
  const advised = (...names: string[]) => {
    const all = named(...names)
    return all.map((one) => transitionCommand(one, all))
  }

  it.each([
    [
      ['Resolve Issue', 'Resolve Issue as Duplicate'],
      ['resolve-issue', 'resolve-issue-as-duplicate'],
    ],
    [['Ready for QA 2'], ['ready-for-qa']],
    [
      ['Ready for QA 2', 'Ready for QA 3', 'Ready'],
      [null, null, 'ready'],
    ],
    [
      ['Done', 'Done'],
      [null, null],
    ],
    [
      ['Start-Up', 'Start Up'],
      ['start-up', null],
    ],
    [
      ['Re-open Issue', 'Re-open as Duplicate'],
      ['re-open-issue', 're-open-as-duplicate'],
    ],
    [
      ['2. Done', 'Über', ''],
      [null, null, null],
    ],
    [
      ['Comment', 'Time', 'Time Out'],
      [null, null, 'time-out'],
    ],
    [
      ['Start - Progress', 'Start -> Review'],
      ['start---progress', null],
    ],
  ])('of %j is %j', (names, commands) => {
    expect(advised(...names)).toEqual(commands)
  })

  it('means that transition alone, or is not given', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9 .-]{0,12}$/)
    fc.assert(
      fc.property(fc.array(name, { maxLength: 6 }), (all) => {
        const transitions = named(...all)
        for (const one of transitions) {
          const command = transitionCommand(one, transitions)
          if (command === null) continue
          expect(command).toMatch(/^[a-z][a-z-]*$/)
          const match = matchTransition(command, transitions)
          expect(match.kind === 'found' && match.transition === one).toBe(true)
        }
      }),
    )
  })
})
