import Avatar from '@atlaskit/avatar'
import DropdownMenu, { DropdownItem, DropdownItemGroup } from '@atlaskit/dropdown-menu'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { callApi } from '../ui/api.ts'
import { useNotify } from '../ui/notify.ts'
import { useUser } from '../ui/session.ts'
import styles from './user-menu.module.css'

/** Who is signed in, and the way out. */
export function UserMenu() {
  const user = useUser()
  const signOut = useSignOut()
  if (user === null) return null
  return (
    <DropdownMenu<HTMLButtonElement>
      placement="bottom-end"
      trigger={({ triggerRef, isSelected: _isSelected, testId: _testId, ...props }) => (
        <button
          ref={triggerRef}
          {...props}
          type="button"
          className={styles['trigger']}
          aria-label={`Account of ${user.displayName}`}
        >
          <Avatar as="span" size="small" name={user.displayName} />
        </button>
      )}
    >
      <DropdownItemGroup title={`${user.displayName} (${user.role === 'administrator' ? 'administrator' : 'viewer'})`}>
        <DropdownItem href={user.role === 'administrator' ? 'settings/profile' : 'profile'}>Profile and sessions</DropdownItem>
        <DropdownItem onClick={() => signOut('session')}>Sign out</DropdownItem>
        <DropdownItem onClick={() => signOut('sessions')}>Sign out everywhere</DropdownItem>
      </DropdownItemGroup>
    </DropdownMenu>
  )
}

function useSignOut(): (which: 'session' | 'sessions') => void {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const notify = useNotify()
  return (which) => {
    callApi(which, { method: 'DELETE' })
      .then(async () => {
        // Nothing that one person saw is shown to the next.
        queryClient.clear()
        await navigate({ to: '/sign-in' })
      })
      .catch((error: unknown) => notify.failed('You are still signed in', error))
  }
}
