import type { AccountId, HostId, RepositoryId } from '../../domain/ids.ts'
import type { Repository, WebhookState } from '../../domain/repository.ts'
import type { Reader, Tx } from '../database.ts'

/** What is known of a repository's own hook. */
export interface ProjectHook {
  readonly state: WebhookState
  readonly reason: string | null
  /** Generation of the secret that it carries; null: the repository has no hook of ours. */
  readonly generation: number | null
  /** Address with which it was last installed; null: none is known; undefined, when it is saved: as it was. */
  readonly url?: string | null
}

export interface RepositoryWithHook {
  readonly id: RepositoryId
  readonly hostId: HostId
  readonly name: string
  readonly url: string
  readonly linked: boolean
  readonly hook: Required<ProjectHook>
}

export async function findProjectHook(db: Reader, accountId: AccountId, hostId: HostId): Promise<RepositoryWithHook | null> {
  const row = await db
    .selectFrom('repositories')
    .select(['id', 'path', 'web_url', 'linked', 'webhook_state', 'webhook_reason', 'webhook_generation', 'webhook_url'])
    .where('account_id', '=', accountId)
    .where('host_id', '=', hostId)
    .executeTakeFirst()
  if (row === undefined) return null
  return {
    id: String(row.id) as RepositoryId,
    hostId,
    name: row.path,
    url: row.web_url,
    linked: row.linked === 1,
    hook: {
      state: row.webhook_state,
      reason: row.webhook_reason,
      generation: row.webhook_generation,
      url: row.webhook_url,
    },
  }
}

/** @param checkedAt when the host was asked; undefined: it was not */
export async function saveProjectHook(tx: Tx, id: RepositoryId, hook: ProjectHook, checkedAt?: number): Promise<void> {
  await tx
    .updateTable('repositories')
    .set({
      webhook_state: hook.state,
      webhook_reason: hook.reason,
      webhook_generation: hook.generation,
      ...(hook.url === undefined ? {} : { webhook_url: hook.url }),
      ...(checkedAt === undefined ? {} : { webhook_checked_at: checkedAt }),
    })
    .where('id', '=', Number(id))
    .execute()
}

/** The one hook for all repositories of an account: its group's, or the whole host's. */
export interface AccountHook {
  readonly level: 'group' | 'system'
  /** The group's id; null for `system`. */
  readonly owner: HostId | null
  readonly state: 'live' | 'polling' | 'broken'
  readonly reason: string | null
  /** As of `ProjectHook`. */
  readonly generation: number | null
  readonly checkedAt: number
  /** Address with which it was last installed; null: none is known. */
  readonly url: string | null
}

/** null: none was tried. */
export async function findAccountHook(db: Reader, id: AccountId): Promise<AccountHook | null> {
  const row = await db
    .selectFrom('account_webhooks')
    .select(['hook_level', 'hook_owner', 'hook_state', 'hook_reason', 'hook_generation', 'hook_checked_at', 'hook_url'])
    .where('account_id', '=', id)
    .executeTakeFirst()
  if (row === undefined || row.hook_level === null || row.hook_state === null) return null
  return {
    level: row.hook_level,
    owner: row.hook_owner as HostId | null,
    state: row.hook_state,
    reason: row.hook_reason,
    generation: row.hook_generation,
    checkedAt: row.hook_checked_at ?? 0,
    url: row.hook_url,
  }
}

export async function saveAccountHook(tx: Tx, id: AccountId, hook: AccountHook | null): Promise<void> {
  const columns = {
    hook_level: hook?.level ?? null,
    hook_owner: hook?.owner ?? null,
    hook_state: hook?.state ?? null,
    hook_reason: hook?.reason ?? null,
    hook_generation: hook?.generation ?? null,
    hook_checked_at: hook?.checkedAt ?? null,
    hook_url: hook?.url ?? null,
  }
  await tx
    .insertInto('account_webhooks')
    .values({ account_id: id, ...columns })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(columns))
    .execute()
}

/**
 * Compares the addresses with which repositories' own hooks were installed with today's: one with another address calls
 * nobody, whatever was stored of it. What was installed before addresses were recorded counts as installed with today's.
 */
export async function compareHookUrls(tx: Tx, id: AccountId, { url, reason }: { url: string; reason: string }): Promise<void> {
  await tx
    .updateTable('repositories')
    .set({ webhook_state: 'polling', webhook_reason: reason })
    .where('account_id', '=', id)
    .where('webhook_state', '=', 'live')
    .where('webhook_generation', 'is not', null)
    .where('webhook_url', '!=', url)
    .execute()
  await tx
    .updateTable('repositories')
    .set({ webhook_url: url })
    .where('account_id', '=', id)
    .where('webhook_generation', 'is not', null)
    .where('webhook_url', 'is', null)
    .execute()
}

/** Every linked repository is as the hook of the account is. */
export async function setWebhookStates(tx: Tx, id: AccountId, { state, reason }: Repository['webhook']): Promise<void> {
  await tx
    .updateTable('repositories')
    .set({ webhook_state: state, webhook_reason: reason })
    .where('account_id', '=', id)
    .where('linked', '=', 1)
    .where((e) =>
      e.or([
        e('webhook_state', '!=', state),
        reason === null
          ? e('webhook_reason', 'is not', null)
          : e.or([e('webhook_reason', 'is', null), e('webhook_reason', '!=', reason)]),
      ]),
    )
    .execute()
}
