import type { Account } from '../../domain/account.ts'
import type { Repository } from '../../domain/repository.ts'
import type { AccountHook } from '../../db/stores/hooks.ts'

/**
 * The state that all repositories of an account have by its one hook; null: each has a hook of its own, or none.
 * With `auto` a group's hook that may not be is no cover: then the projects' hooks are installed.
 */
export function findCover({ webhooks }: Pick<Account, 'webhooks'>, hook: AccountHook | null): Repository['webhook'] | null {
  switch (webhooks) {
    case 'group':
    case 'system':
      if (hook === null) return { state: 'polling', reason: 'The webhook is set up when the account is synchronised.' }
      return { state: hook.state, reason: hook.reason }
    case 'auto':
      return hook === null || hook.state === 'polling' ? null : { state: hook.state, reason: hook.reason }
    case 'project':
    case 'manual':
    case 'off':
      return null
  }
}
