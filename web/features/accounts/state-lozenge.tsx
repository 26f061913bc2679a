import Lozenge from '@atlaskit/lozenge'
import type { AccountJson } from '../../../src/contract/account.ts'

const STATES = {
  ok: { appearance: 'success', label: 'OK' },
  degraded: { appearance: 'moved', label: 'Degraded' },
  'needs-sign-in': { appearance: 'removed', label: 'Needs sign-in' },
  deleting: { appearance: 'inprogress', label: 'Deleting' },
} as const

export function StateLozenge({ state }: { readonly state: AccountJson['state'] }) {
  const { appearance, label } = STATES[state]
  return <Lozenge appearance={appearance}>{label}</Lozenge>
}
