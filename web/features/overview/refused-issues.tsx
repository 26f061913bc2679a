import { Link } from '@tanstack/react-router'
import type { DeliveryJson } from '../../../src/contract/delivery.ts'
import { describeWrite } from '../../ui/deliveries/delivery-words.ts'
import styles from './overview.module.css'

/** The newest writes that Jira refused, in its words. */
export function RefusedIssues({ deliveries }: { readonly deliveries: readonly DeliveryJson[] }) {
  return (
    <ul className={styles['refused']}>
      {deliveries.map((delivery) =>
        delivery.direction === 'in' ? null : (
          <li key={delivery.id}>
            {delivery.issue === null ? (
              describeWrite(delivery.kind)
            ) : (
              <Link to="/explain" search={{ ref: delivery.issue }}>
                {delivery.issue}
              </Link>
            )}
            : {delivery.error?.message} {delivery.error?.remedy}
          </li>
        ),
      )}
    </ul>
  )
}
