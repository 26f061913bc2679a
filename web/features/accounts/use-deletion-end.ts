import { useEffect, useRef } from 'react'
import type { AccountJson } from '../../../src/contract/account.ts'
import { useNotify } from '../../ui/notify.ts'

/** Says that an account is gone which was seen being deleted. */
export function useDeletionEnd(accounts: readonly AccountJson[]): void {
  const notify = useNotify()
  const deleting = useRef(new Map<string, string>())
  useEffect(() => {
    const seen = new Set(accounts.map(({ id }) => id))
    for (const [id, name] of deleting.current) if (!seen.has(id)) notify.done(`Account “${name}” is deleted`)
    deleting.current = new Map(accounts.filter(({ state }) => state === 'deleting').map(({ id, name }) => [id, name]))
  }, [accounts, notify])
}
