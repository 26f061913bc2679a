import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createLogger } from './logger.ts'
import { Secret } from './secret.ts'

describe('Secret', () => {
  const secret = new Secret('hunter2-hunter2')

  it('gives its value when asked', () => {
    expect(secret.reveal()).toBe('hunter2-hunter2')
  })

  it.each<[string, (value: Secret) => string]>([
    ['JSON', (value) => JSON.stringify({ value })],
    ['inspect', (value) => inspect({ value }, { depth: 9, showHidden: true })],
    ['a template', (value) => `${String(value)}`],
    ['concatenation', (value) => [value].join(',')],
    ['a copy of its properties', (value) => JSON.stringify({ ...value })],
    ['a structured clone', (value) => inspect(structuredClone(value))],
    ['the log', logged],
  ])('is absent from %s', (_name, show) => {
    expect(show(secret)).not.toContain('hunter2')
  })

  function logged(value: Secret): string {
    const lines: string[] = []
    createLogger({ level: 'debug', destination: { write: (line) => void lines.push(line) } }).info({ other: value }, 'text')
    return lines.join('')
  }
})
