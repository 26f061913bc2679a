import { Link, Outlet, useLocation } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { ColorModeMenu } from './color-mode-menu.tsx'
import { SearchBox } from './search-box.tsx'
import { SessionEnd } from './session-end.tsx'
import { UserMenu } from './user-menu.tsx'
import { useUser } from '../ui/session.ts'
import { useCurrentInView } from '../ui/use-current-in-view.ts'
import styles from './shell.module.css'

const PLACES = [
  { to: '/', label: 'Overview' },
  { to: '/accounts', label: 'DVCS accounts' },
  { to: '/triggers', label: 'Workflow triggers' },
  { to: '/smart-commits', label: 'Smart commits' },
  { to: '/deliveries', label: 'Deliveries' },
  { to: '/explain', label: 'Why?' },
  { to: '/settings', label: 'Settings' },
] as const

/** What surrounds every page; without `children` that of the address. */
export function Shell({ children = <Outlet /> }: { readonly children?: ReactNode }) {
  const administrator = useUser()?.role === 'administrator'
  return (
    <>
      <a className={styles['skip']} href="#content">
        Skip to content
      </a>
      <header className={styles['header']}>
        <Link to={administrator ? '/' : '/no-permission'} className={styles['product']}>
          <img src="./favicon.svg" alt="" width="24" height="24" />
          <span>DVCS connector</span>
        </Link>
        {administrator ? <Places /> : null}
        <div className={styles['end']}>
          {administrator ? <SearchBox /> : null}
          <ColorModeMenu />
          <UserMenu />
        </div>
        <SessionEnd />
      </header>
      {children}
    </>
  )
}

function Places() {
  const line = useCurrentInView()
  const inRepository = useLocation({ select: ({ pathname }) => pathname.startsWith('/repositories/') })
  return (
    <nav ref={line} aria-label="Main" className={styles['places']}>
      {PLACES.map(({ to, label }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: to === '/' }}
          aria-current={inRepository && to === '/accounts' ? 'true' : undefined}
          className={styles['place']}
        >
          {label}
        </Link>
      ))}
    </nav>
  )
}
