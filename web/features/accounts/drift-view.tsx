import { useQuery } from '@tanstack/react-query'
import type { DriftJson } from '../../../src/contract/drift.ts'
import { ScrollBox } from '../../ui/scroll-box.tsx'
import { QueryView } from '../../ui/states.tsx'
import tableStyles from '../../ui/table.module.css'
import { Time } from '../../ui/time.tsx'
import { driftQuery } from './queries.ts'

/** What the daily comparison with the host found that no webhook and no synchronisation had told. */
export function DriftView({ accountId }: { readonly accountId: string }) {
  const query = useQuery(driftQuery(accountId))
  return <QueryView query={query}>{(drift) => <Drift drift={drift} />}</QueryView>
}

function Drift({ drift: { items, total, open } }: { readonly drift: DriftJson }) {
  return (
    <>
      <p>
        Every repository is compared with the Git host once a day. {describeOpen(open)} Since the account was linked{' '}
        {number(total.proved)} comparisons were made, {number(total.failed)} could not be.
      </p>
      {items.length === 0 ? null : (
        <ScrollBox label="Comparisons by the hour" className={tableStyles['scroll']}>
          <table className={tableStyles['table']}>
            <thead>
              <tr>
                <th scope="col">Hour</th>
                <th scope="col">Compared</th>
                <th scope="col">Branches: found, repaired</th>
                <th scope="col">Merge requests: found, repaired</th>
                <th scope="col">Builds: found, repaired</th>
                <th scope="col">Deployments: found, repaired</th>
                <th scope="col">Repositories gone</th>
              </tr>
            </thead>
            <tbody>
              {items.map(({ hour, proved, failed, refs, pullRequests, builds, deployments, missingRepositories }) => (
                <tr key={hour}>
                  <td>
                    <Time at={hour} />
                  </td>
                  <td>{failed === 0 ? number(proved) : `${number(proved)}, ${number(failed)} failed`}</td>
                  <td>{describe(refs)}</td>
                  <td>{describe(pullRequests)}</td>
                  <td>{describe(builds)}</td>
                  <td>{describe(deployments)}</td>
                  <td>{describe(missingRepositories)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
    </>
  )
}

function describeOpen(open: number): string {
  if (open === 0) return 'Nothing differs now.'
  return open === 1
    ? 'One repository differs and is being repaired.'
    : `${number(open)} repositories differ and are being repaired.`
}

const describe = ({ found, repaired }: { found: number; repaired: number }) => `${number(found)}, ${number(repaired)}`

const number = (count: number) => count.toLocaleString('en')
