import { describe, expect, it } from 'vitest'
import { Secret } from '../lib/secret.ts'
import { checkRole } from './check-role.ts'

describe('checkRole', () => {
  const sqlite = { database: { kind: 'sqlite' } } as const
  const postgresql = { database: { kind: 'postgresql', url: new Secret('postgres://db/connector') } } as const

  it.each(['all', 'web', 'worker'] as const)('lets PostgreSQL serve the role %s', (role) => {
    expect(() => checkRole(postgresql, role)).not.toThrow()
  })

  it('lets the embedded database serve everything in one process', () => {
    expect(() => checkRole(sqlite, 'all')).not.toThrow()
  })

  it.each(['web', 'worker'] as const)('refuses the role %s with the embedded database', (role) => {
    expect(() => checkRole(sqlite, role)).toThrow(
      expect.objectContaining({ code: 'role-needs-postgresql', userMessage: expect.stringContaining(role) }),
    )
  })
})
