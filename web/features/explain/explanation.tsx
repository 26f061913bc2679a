import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ExplanationJson } from '../../../src/contract/explain.ts'
import { Loading, QueryView } from '../../ui/states.tsx'
import { MatchingRepositories } from './matching-repositories.tsx'
import { explainQuery } from './queries.ts'
import { StepList } from './step-list.tsx'
import styles from './explain.module.css'

/** All that a reference may be, each with its way. */
export function Explanation({ reference }: { readonly reference: string }) {
  const query = useQuery(explainQuery(reference))
  return (
    <QueryView query={query} loading={<Loading label="Looking for it …" />}>
      {({ found, subjects }) => (
        <>
          {found ? null : <MatchingRepositories text={reference} />}
          {subjects.map((subject, index) => (
            <Subject key={`${index}-${subject.title}`} subject={subject} />
          ))}
        </>
      )}
    </QueryView>
  )
}

function Subject({ subject }: { readonly subject: ExplanationJson['subjects'][number] }) {
  const { title, steps, repositoryId, issue } = subject
  return (
    <section className={styles['subject']}>
      <h2 className={styles['title']}>{title}</h2>
      <StepList steps={steps} />
      {repositoryId === null && issue === null ? null : <Links repositoryId={repositoryId} issue={issue} />}
    </section>
  )
}

function Links({ repositoryId, issue }: Pick<ExplanationJson['subjects'][number], 'repositoryId' | 'issue'>) {
  return (
    <p className={styles['links']}>
      {repositoryId === null ? null : (
        <Link to="/repositories/$repositoryId" params={{ repositoryId }}>
          Open the repository
        </Link>
      )}
      {issue === null ? null : <Link to="/issues/$issueKey" params={{ issueKey: issue }}>{`Development panel of ${issue}`}</Link>}
      {issue === null ? null : (
        <Link to="/deliveries" search={{ direction: 'out' }}>
          Writes to Jira
        </Link>
      )}
    </p>
  )
}
