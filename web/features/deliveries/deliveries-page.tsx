import Tabs, { Tab, TabList, TabPanel } from '@atlaskit/tabs'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { DeliveryJson } from '../../../src/contract/delivery.ts'
import { useStream } from '../../ui/event-stream.ts'
import { Page } from '../../ui/page.tsx'
import { useThrottled } from '../../ui/throttle.ts'
import { DeliveryList } from './delivery-list.tsx'
import { OneDelivery } from './one-delivery.tsx'
import styles from './deliveries.module.css'
import { toStateFilter, type StateFilter } from './state-filter.ts'

const REFRESH_MS = 2_000
const DIRECTIONS = ['in', 'out'] as const

/** Webhooks that came, and writes to Jira that went; what is looked at stands in the address. */
export function DeliveriesPage() {
  const { direction = 'in', state, delivery } = useSearch({ strict: false })
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const refresh = useThrottled(() => void queryClient.invalidateQueries({ queryKey: ['deliveries'] }), REFRESH_MS)
  useStream('delivery', refresh)
  const show = (next: { direction: DeliveryJson['direction']; state: StateFilter }) =>
    void navigate({
      to: '/deliveries',
      search: { direction: next.direction, ...(next.state === 'all' ? {} : { state: next.state }) },
      replace: true,
    })
  const filter = toStateFilter(direction, state)
  const list = (shown: DeliveryJson['direction']) => (
    <DeliveryList
      direction={shown}
      state={shown === direction ? filter : 'all'}
      onState={(next) => show({ direction: shown, state: next })}
    />
  )
  return (
    <Page
      title="Deliveries"
      intro="Webhooks that Git hosts sent, and what was written to Jira. New ones appear by themselves; old ones are removed as the settings say."
    >
      {delivery === undefined ? null : <OneDelivery id={delivery} onClose={() => show({ direction, state: filter })} />}
      <div className={styles['tabs']}>
        <Tabs
          id="deliveries"
          selected={DIRECTIONS.indexOf(direction)}
          onChange={(index) => show({ direction: DIRECTIONS[index] ?? 'in', state: 'all' })}
        >
          <TabList>
            <Tab>Webhooks received</Tab>
            <Tab>Writes to Jira</Tab>
          </TabList>
          <TabPanel>{list('in')}</TabPanel>
          <TabPanel>{list('out')}</TabPanel>
        </Tabs>
      </div>
    </Page>
  )
}
