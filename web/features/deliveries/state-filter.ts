import type { DeliveryJson } from '../../../src/contract/delivery.ts'
import { STATES } from '../../ui/deliveries/delivery-words.ts'

export type StateFilter = DeliveryJson['state'] | 'all'

interface Choice {
  readonly value: StateFilter
  readonly label: string
}

const choice = (value: DeliveryJson['state']): Choice => ({ value, label: STATES[value].label })

/** A write to Jira is over when it is recorded: it is done or failed. */
export const STATE_FILTERS: Readonly<Record<DeliveryJson['direction'], readonly Choice[]>> = {
  in: [{ value: 'all', label: 'All states' }, ...(['pending', 'done', 'ignored', 'failed', 'dead'] as const).map(choice)],
  out: [{ value: 'all', label: 'All states' }, ...(['done', 'failed'] as const).map(choice)],
}

/** What an address asks for, when that exists for this direction. */
export function toStateFilter(direction: DeliveryJson['direction'], state: string | undefined): StateFilter {
  return STATE_FILTERS[direction].find(({ value }) => value === state)?.value ?? 'all'
}
