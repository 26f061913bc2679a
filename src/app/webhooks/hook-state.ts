import { toProblem } from '../../domain/problem.ts'
import type { WebhookInstallation } from '../../hosts/types.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { WebhookSecret } from '../accounts/connections.ts'

/** What stands between this machine and the host, as opposed to what the host answered. */
const UNREACHABLE = ['connection-failed', 'dns-failed', 'tls-failed', 'request-timeout', 'rate-limited']

export interface HookState {
  readonly state: 'live' | 'polling' | 'broken'
  readonly reason: string | null
  /** Generation of the secret that the hook at the host carries; null: there is none of ours, as far as can be told. */
  readonly generation: number | null
}

/** What is stored of a hook that the host has answered about. */
export function toHookState(installed: WebhookInstallation, { generation }: WebhookSecret): HookState {
  switch (installed.state) {
    case 'live':
      return { state: 'live', reason: null, generation }
    case 'polling':
      return { state: 'polling', reason: installed.reason, generation: null }
    case 'broken':
      return { state: 'broken', reason: installed.reason, generation: installed.installed ? generation : null }
  }
}

/** Why a hook that nobody wants any more is still there. */
export function describeLeftHook(error: unknown): string {
  return `The hook is still at the host, which did not let it be removed; remove it there. ${describeHookFailure(error).reason}`
}

/** The state of a hook whose installation failed, with the failure in words. */
export function describeHookFailure(error: unknown): { readonly state: 'polling' | 'broken'; readonly reason: string } {
  const { message, remedy } = toProblem(error)
  const reason = [message, remedy].filter((text) => text !== null).join(' ')
  return { state: UNREACHABLE.some((code) => isConnectorError(error, code)) ? 'polling' : 'broken', reason }
}
