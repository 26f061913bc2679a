import { LinkButton } from '@atlaskit/button/new'
import type { OverviewJson } from '../../../src/contract/statistics.ts'
import { Section } from '../../ui/page.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import styles from './overview.module.css'

/** Accounts that need somebody, with what is wrong and what to do. */
export function AccountProblems({ problems }: { readonly problems: OverviewJson['accounts']['problems'] }) {
  if (problems.length === 0) return null
  return (
    <Section title={problems.length === 1 ? 'One account has a problem' : `${problems.length} accounts have problems`}>
      <div className={styles['problems']}>
        {problems.map(({ id, name, problem }) => (
          <ProblemNote
            key={id}
            title={name}
            problem={problem}
            actions={
              <LinkButton spacing="compact" href={`accounts/${encodeURIComponent(id)}`}>
                Open the account
              </LinkButton>
            }
          />
        ))}
      </div>
    </Section>
  )
}
