import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { QueryView } from '../../ui/states.tsx'
import { repositoriesQuery } from './queries.ts'
import styles from './explain.module.css'

/** What is no commit, branch, address or key may be the name of a repository. */
export function MatchingRepositories({ text }: { readonly text: string }) {
  const query = useQuery(repositoriesQuery(text))
  return (
    <QueryView query={query}>
      {({ items }) =>
        items.length === 0 ? null : (
          <section className={styles['subject']}>
            <h2 className={styles['title']}>Repositories with this name</h2>
            <ul className={styles['list']}>
              {items.map(({ id, name, accountId }) => (
                <li key={id}>
                  <Link to="/repositories/$repositoryId" params={{ repositoryId: id }}>
                    {name}
                  </Link>{' '}
                  <span className={styles['note']}>account {accountId}</span>
                </li>
              ))}
            </ul>
          </section>
        )
      }
    </QueryView>
  )
}
