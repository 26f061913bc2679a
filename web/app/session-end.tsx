import { Link, useLocation } from '@tanstack/react-router'
import { useSessionEnded } from '../ui/session.ts'
import styles from './session-end.module.css'

/** Says above every page that nothing can be done any more, and leads back to it after the sign-in. */
export function SessionEnd() {
  const ended = useSessionEnded()
  const { href } = useLocation()
  return (
    <div role="alert" className={styles['place']}>
      {ended ? (
        <p className={styles['note']}>
          <b>Your session has ended.</b> What you see may be old, and nothing can be changed.{' '}
          <Link to="/sign-in" search={{ next: href }}>
            Sign in again
          </Link>
        </p>
      ) : null}
    </div>
  )
}
