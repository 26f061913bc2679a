import { useEffect, type ReactNode } from 'react'
import { Link } from '@tanstack/react-router'
import styles from './page.module.css'

export interface PageProps {
  readonly title: string
  readonly actions?: ReactNode
  /** The way here, without this page itself. */
  readonly trail?: readonly { readonly label: string; readonly to: string }[]
  readonly intro?: ReactNode
  /** For forms and text, which nobody reads in long lines. */
  readonly narrow?: boolean
  readonly children: ReactNode
}

/** The frame of every page: its way, its heading, what can be done, its content. */
export function Page({ title, actions, trail = [], intro, narrow = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · DVCS connector`
  }, [title])
  return (
    <main id="content" className={narrow ? styles['narrow'] : styles['page']}>
      {trail.length === 0 ? null : <Trail trail={trail} />}
      <div className={styles['head']}>
        <h1 className={styles['title']}>{title}</h1>
        {actions === undefined ? null : <div className={styles['actions']}>{actions}</div>}
      </div>
      {intro === undefined ? null : <div className={styles['intro']}>{intro}</div>}
      {children}
    </main>
  )
}

/** A page that has no heading yet: what there is to say keeps its distance from the edges. */
export function PageFrame({ children }: { readonly children: ReactNode }) {
  return (
    <main id="content" className={styles['page']}>
      {children}
    </main>
  )
}

function Trail({ trail }: { readonly trail: NonNullable<PageProps['trail']> }) {
  return (
    <nav aria-label="Breadcrumbs">
      <ol className={styles['trail']}>
        {trail.map(({ label, to }) => (
          <li key={to}>
            <Link to={to}>{label}</Link>
          </li>
        ))}
      </ol>
    </nav>
  )
}

/** A part of a page under a heading of its own. */
export function Section({
  title,
  actions,
  children,
}: {
  readonly title: string
  readonly actions?: ReactNode
  readonly children: ReactNode
}) {
  return (
    <section className={styles['section']}>
      <div className={styles['head']}>
        <h2 className={styles['subtitle']}>{title}</h2>
        {actions === undefined ? null : <div className={styles['actions']}>{actions}</div>}
      </div>
      {children}
    </section>
  )
}
