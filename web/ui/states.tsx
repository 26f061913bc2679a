import Button from '@atlaskit/button/new'
import SectionMessage from '@atlaskit/section-message'
import Spinner from '@atlaskit/spinner'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ApiError } from './api.ts'
import styles from './states.module.css'

/** While the first answer is awaited. */
export function Loading({ label = 'Loading …' }: { readonly label?: string }) {
  return (
    <output className={styles['loading']}>
      <Spinner size="medium" label={label} />
      <span aria-hidden="true">{label}</span>
    </output>
  )
}

/** What went wrong, in the connector's words, and what to do. */
export function Failure({ error, retry, title = 'This did not work' }: FailureProps) {
  const { message, remedy, requestId } = describeError(error)
  return (
    <div className={styles['failure']}>
      <SectionMessage appearance="error" title={title}>
        <p className={styles['line']}>{message}</p>
        {remedy === null ? null : <p className={styles['line']}>{remedy}</p>}
        {requestId === null ? null : <p className={styles['small']}>Request {requestId} in the connector’s log</p>}
        {retry === undefined ? null : (
          <div className={styles['retry']}>
            <Button spacing="compact" onClick={retry}>
              Try again
            </Button>
          </div>
        )}
      </SectionMessage>
    </div>
  )
}

interface FailureProps {
  readonly error: unknown
  readonly retry?: () => void
  readonly title?: string
}

/** Any error as people should read it. */
export function describeError(error: unknown): { message: string; remedy: string | null; requestId: string | null } {
  if (error instanceof ApiError) {
    const unsaid = error.problem?.errors?.filter(({ message }) => !error.message.includes(message))
    const fields = unsaid?.map(({ field, message }) => `${field} ${message}`).join('; ')
    return {
      message: fields === undefined || fields === '' ? error.message : `${error.message} (${fields})`,
      remedy: error.remedy,
      requestId: error.status >= 500 ? (error.problem?.requestId ?? null) : null,
    }
  }
  return { message: error instanceof Error ? error.message : String(error), remedy: null, requestId: null }
}

/** A place where nothing is yet, and how to change that. */
export function Empty({ title, children, action, small = false }: EmptyProps) {
  if (small) {
    return (
      <div className={styles['emptyPart']}>
        <b>{title}.</b> {children} {action}
      </div>
    )
  }
  return (
    <div className={styles['empty']}>
      <h2 className={styles['emptyTitle']}>{title}</h2>
      {children === undefined ? null : <div className={styles['emptyText']}>{children}</div>}
      {action}
    </div>
  )
}

interface EmptyProps {
  readonly title: string
  readonly children?: ReactNode
  readonly action?: ReactNode
  /** In a part of a page that has its own heading: one line. */
  readonly small?: boolean
}

/** The states that every query has; `children` shows what came. */
export function QueryView<Data>({ query, children, loading }: QueryViewProps<Data>) {
  if (query.data !== undefined) {
    return (
      <>
        {query.isError ? (
          <Failure error={query.error} title="What you see may be old" retry={() => void query.refetch()} />
        ) : null}
        {children(query.data)}
      </>
    )
  }
  if (query.isError) return <Failure error={query.error} title="This could not be loaded" retry={() => void query.refetch()} />
  return loading ?? <Loading />
}

interface QueryViewProps<Data> {
  readonly query: Pick<UseQueryResult<Data>, 'data' | 'error' | 'isError' | 'refetch'>
  readonly loading?: ReactNode
  readonly children: (data: Data) => ReactNode
}
