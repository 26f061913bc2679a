import Button from '@atlaskit/button/new'
import type { DeliveryJson } from '../../../src/contract/delivery.ts'
import { DeliveryTable } from '../../ui/deliveries/delivery-table.tsx'
import { deliveriesQuery } from '../../ui/deliveries/queries.ts'
import { SelectInput } from '../../ui/form.tsx'
import { ShowMore, usePages } from '../../ui/pages.tsx'
import { RouterButton } from '../../ui/router-button.tsx'
import { Empty, QueryView } from '../../ui/states.tsx'
import { ReplayDead } from './replay-dead.tsx'
import { STATE_FILTERS, type StateFilter } from './state-filter.ts'
import styles from './deliveries.module.css'

interface DeliveryListProps {
  readonly direction: DeliveryJson['direction']
  readonly state: StateFilter
  readonly onState: (state: StateFilter) => void
}

export function DeliveryList({ direction, state, onState }: DeliveryListProps) {
  const { query, items } = usePages(deliveriesQuery({ direction, ...(state === 'all' ? {} : { state }) }))
  return (
    <div className={styles['list']}>
      <div className={styles['bar']}>
        <SelectInput compact label="State" value={state} options={STATE_FILTERS[direction]} onChange={onState} />
        {direction === 'in' ? <ReplayDead deliveries={items} /> : null}
      </div>
      <QueryView query={query}>
        {() =>
          items.length === 0 ? (
            <NothingThere direction={direction} filtered={state !== 'all'} onShowAll={() => onState('all')} />
          ) : (
            <>
              <DeliveryTable direction={direction} deliveries={items} />
              <ShowMore query={query} what={direction === 'in' ? 'webhooks' : 'writes'} />
            </>
          )
        }
      </QueryView>
    </div>
  )
}

interface NothingThereProps {
  readonly direction: DeliveryJson['direction']
  readonly filtered: boolean
  readonly onShowAll: () => void
}

function NothingThere({ direction, filtered, onShowAll }: NothingThereProps) {
  if (filtered) return <Empty title="None is in this state" action={<Button onClick={onShowAll}>Show all</Button>} />
  return direction === 'in' ? (
    <Empty title="No webhook has arrived yet" action={<RouterButton to="/accounts">Go to DVCS accounts</RouterButton>}>
      They come when somebody pushes, once an account is linked and its webhooks are live.
    </Empty>
  ) : (
    <Empty title="Nothing was written to Jira yet">It begins when something names an issue of the connected Jira.</Empty>
  )
}
