import Button from '@atlaskit/button/new'
import { Checkbox } from '@atlaskit/checkbox'
import RefreshIcon from '@atlaskit/icon/core/refresh'
import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react'
import type { DevelopmentJson } from '../../../src/contract/development.ts'
import { ExternalLink } from '../../ui/external-link.tsx'
import { Page } from '../../ui/page.tsx'
import { useUser } from '../../ui/session.ts'
import { toAbsoluteTime, toClockTime } from '../../ui/times.ts'
import { CreateActions } from './create-actions.tsx'
import { isEmpty, type Kind } from './development.ts'
import styles from './development-view.module.css'
import { headingId } from './kind-section.tsx'
import { NothingYet } from './nothing-yet.tsx'
import { issueKeyOf } from './queries.ts'
import { Sections } from './sections.tsx'
import { SummaryLine } from './summary-line.tsx'
import { useGrouping } from './use-grouping.ts'
import { useRefresh } from './use-refresh.ts'

/** For administrators alone, and they seldom need it. */
const LinksByHand = lazy(async () => ({ default: (await import('./links-by-hand.tsx')).LinksByHand }))

interface DevelopmentViewProps {
  readonly issue: string
  readonly development: DevelopmentJson
  /** Why it may be old. */
  readonly problem: ReactNode
}

export function DevelopmentView({ issue, development, problem }: DevelopmentViewProps) {
  const administrator = useUser()?.role === 'administrator'
  const [closed, setClosed] = useState<ReadonlySet<Kind>>(new Set())
  const [grouped, setGrouped] = useGrouping()
  const refresh = useRefresh(issue)
  useRenewedPages(issue, development)
  const setOpen = (kind: Kind, open: boolean) =>
    setClosed((before) => new Set(open ? [...before].filter((other) => other !== kind) : [...before, kind]))
  const goTo = (kind: Kind) => {
    setOpen(kind, true)
    const heading = document.getElementById(headingId(kind))
    heading?.scrollIntoView()
    heading?.focus({ preventScroll: true })
  }
  const empty = isEmpty(development)
  return (
    <Page
      title={`${development.issue}: Development`}
      actions={
        <>
          <span className={styles['asOf']} title={toAbsoluteTime(development.asOf)}>
            as of {toClockTime(development.asOf)}
          </span>
          {development.issueUrl === null ? null : (
            <ExternalLink href={development.issueUrl}>{`${development.issue} in Jira`}</ExternalLink>
          )}
          <Button iconBefore={RefreshIcon} isLoading={refresh.busy} onClick={refresh.start}>
            Refresh
          </Button>
          <CreateActions issue={issue} development={development} />
        </>
      }
    >
      {problem}
      <SummaryLine development={development} onOpen={goTo} />
      {empty ? <NothingYet issue={development.issue} refresh={refresh} /> : null}
      {development.repositories.length > 1 ? (
        <div className={styles['grouping']}>
          <Checkbox
            label="Group by repository"
            isChecked={grouped}
            onChange={(event) => setGrouped(event.currentTarget.checked)}
          />
        </div>
      ) : null}
      <Sections {...{ issue, development, closed, grouped, setOpen, administrator }} />
      {administrator ? (
        <>
          <Suspense fallback={null}>
            <LinksByHand issue={issue} development={development} />
          </Suspense>
          <p className={styles['why']}>
            <Link to="/explain" search={{ ref: issue }}>
              Why is something missing?
            </Link>
          </p>
        </>
      ) : null}
    </Page>
  )
}

/** Pages that were asked for one by one are asked for again when the issue got something new. */
function useRenewedPages(issue: string, { summary, hidden }: DevelopmentJson): void {
  const queryClient = useQueryClient()
  const state = JSON.stringify([summary, hidden])
  const known = useRef(state)
  useEffect(() => {
    if (known.current === state) return
    known.current = state
    void queryClient.invalidateQueries({ queryKey: [...issueKeyOf(issue).queryKey, 'entries'] })
  }, [state, issue, queryClient])
}
