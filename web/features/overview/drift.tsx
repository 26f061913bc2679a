import type { OverviewJson } from '../../../src/contract/statistics.ts'
import { Facts } from '../../ui/facts.tsx'
import { Section } from '../../ui/page.tsx'
import styles from './overview.module.css'

/** What the daily comparison with the Git hosts found. */
export function Drift({ drift: { found, repaired, open } }: { readonly drift: OverviewJson['drift'] }) {
  return (
    <Section title="Comparison with the Git hosts">
      <p className={styles['note']}>
        Every repository is compared with its Git host once a day. What differs although nothing is under way was missed, and is
        repaired by an ordinary synchronization.
      </p>
      <div className={styles['facts']}>
        <Facts
          facts={[
            ['Found in 7 days', count(found, 'difference', 'differences')],
            ['Repaired', count(repaired, 'difference', 'differences')],
            ['Not repaired yet', count(open, 'repository', 'repositories')],
          ]}
        />
      </div>
    </Section>
  )
}

function count(number: number, one: string, many: string): string {
  return number === 0 ? 'None' : `${number.toLocaleString()} ${number === 1 ? one : many}`
}
