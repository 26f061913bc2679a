import Button from '@atlaskit/button/new'
import { useQuery } from '@tanstack/react-query'
import { DeliveryDetail } from '../../ui/deliveries/delivery-detail.tsx'
import { describeWrite, STATES } from '../../ui/deliveries/delivery-words.ts'
import { deliveryQuery } from '../../ui/deliveries/queries.ts'
import { Section } from '../../ui/page.tsx'
import { StateLozenge } from '../../ui/state-lozenge.tsx'
import { QueryView } from '../../ui/states.tsx'
import styles from './deliveries.module.css'

/** The delivery that an address names, above the lists. */
export function OneDelivery({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const query = useQuery(deliveryQuery(id))
  return (
    <div className={styles['one']}>
      <Section title={`Delivery ${id}`} actions={<Button onClick={onClose}>Close</Button>}>
        <QueryView query={query}>
          {({ delivery }) => (
            <>
              <p>
                <StateLozenge tone={STATES[delivery.state].tone}>{STATES[delivery.state].label}</StateLozenge>{' '}
                {delivery.direction === 'in' ? delivery.event : (delivery.issue ?? describeWrite(delivery.kind))}
              </p>
              <DeliveryDetail delivery={delivery} />
            </>
          )}
        </QueryView>
      </Section>
    </div>
  )
}
