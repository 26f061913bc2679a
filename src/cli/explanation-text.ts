import type { Explanation } from '../domain/explanation.ts'

const MARKS = { yes: 'yes  ', no: 'no   ', waiting: 'waits', note: '     ' } as const

/** An explanation as lines for people. What hosts and people wrote may hold control characters, which a terminal obeys. */
export function toExplanationText({ subjects }: Explanation): string {
  const blocks = subjects.map(({ title, steps }) => {
    const lines = steps.flatMap(({ state, text, remedy }) => [
      `  ${MARKS[state]}  ${text}`,
      ...(remedy === null ? [] : [`         → ${remedy}`]),
    ])
    return [title, ...lines].map((line) => line.replaceAll(/\p{Cc}/gu, ' ')).join('\n')
  })
  return `${blocks.join('\n\n')}\n`
}
