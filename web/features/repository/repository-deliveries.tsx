import { DeliveryTable } from '../../ui/deliveries/delivery-table.tsx'
import { deliveriesQuery } from '../../ui/deliveries/queries.ts'
import { Section } from '../../ui/page.tsx'
import { ShowMore, usePages } from '../../ui/pages.tsx'
import { QueryView } from '../../ui/states.tsx'
import styles from './repository.module.css'

/** Webhooks that were about this repository. */
export function RepositoryDeliveries({ repositoryId }: { readonly repositoryId: string }) {
  const { query, items } = usePages(deliveriesQuery({ direction: 'in', repository: repositoryId }))
  return (
    <Section title="Webhook deliveries">
      <QueryView query={query}>
        {() =>
          items.length === 0 ? (
            <p className={styles['line']}>No webhook about this repository is in the journal.</p>
          ) : (
            <>
              <DeliveryTable direction="in" deliveries={items} />
              <ShowMore query={query} what="webhooks" />
            </>
          )
        }
      </QueryView>
    </Section>
  )
}
