import { IconButton } from '@atlaskit/button/new'
import DropdownMenu, {
  DropdownItem,
  DropdownItemCheckbox,
  DropdownItemCheckboxGroup,
  DropdownItemGroup,
} from '@atlaskit/dropdown-menu'
import ShowMoreIcon from '@atlaskit/icon/core/show-more-horizontal'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { AccountJson } from '../../../src/contract/account.ts'
import { useNotify } from '../../ui/notify.ts'
import type { AccountDialogName } from './account-dialogs.tsx'
import { useChangeAccount } from './use-account.ts'

interface AccountMenuProps {
  readonly account: AccountJson
  readonly refreshing: boolean
  readonly onRefresh: () => void
  readonly onOpen: (dialog: AccountDialogName) => void
}

/** What administrators know from Jira's own page, in its words. */
export function AccountMenu({ account, refreshing, onRefresh, onOpen }: AccountMenuProps) {
  const navigate = useNavigate()
  const { id, name, managedBy, credential } = account
  const isFixed = managedBy === 'file'
  return (
    <DropdownMenu<HTMLButtonElement>
      placement="bottom-end"
      // Longer than what a low window has left: so the page can be scrolled to its end.
      strategy="absolute"
      trigger={({ triggerRef, ...props }) => (
        <IconButton ref={triggerRef} {...props} icon={ShowMoreIcon} label={`Actions of ${name}`} appearance="subtle" />
      )}
    >
      <DropdownItemGroup>
        <DropdownItem isDisabled={refreshing} onClick={onRefresh}>
          Refresh repositories
        </DropdownItem>
      </DropdownItemGroup>
      <DefaultsOfNewRepositories account={account} isFixed={isFixed} />
      <DropdownItemGroup hasSeparator {...(isFixed ? { title: 'Managed by file' } : {})}>
        <DropdownItem isDisabled={isFixed} onClick={() => onOpen('projects')}>
          Restrict to Jira projects…
        </DropdownItem>
        <DropdownItem isDisabled={isFixed} onClick={() => onOpen('globs')}>
          Include and exclude…
        </DropdownItem>
        <DropdownItem isDisabled={isFixed} onClick={() => onOpen('credentials')}>
          {credential?.kind === 'oauth' ? 'Reset OAuth settings' : 'Change credentials'}
        </DropdownItem>
      </DropdownItemGroup>
      <DropdownItemGroup hasSeparator>
        <DropdownItem onClick={() => onOpen('rotate')}>Rotate webhook secret</DropdownItem>
        <DropdownItem onClick={() => onOpen('webhooks')}>Webhooks…</DropdownItem>
        <DropdownItem onClick={() => void navigate({ to: '/accounts/$accountId', params: { accountId: id } })}>
          All settings
        </DropdownItem>
      </DropdownItemGroup>
      <DropdownItemGroup hasSeparator>
        <DropdownItem isDisabled={isFixed} onClick={() => onOpen('delete')}>
          Delete
        </DropdownItem>
      </DropdownItemGroup>
    </DropdownMenu>
  )
}

type Defaults = Partial<Pick<AccountJson, 'autoLink' | 'smartCommits'>>

function DefaultsOfNewRepositories({ account, isFixed }: { readonly account: AccountJson; readonly isFixed: boolean }) {
  const { id, name, autoLink, smartCommits } = account
  const change = useChangeAccount(id)
  const notify = useNotify()
  const [wanted, setWanted] = useState<Defaults>({})
  const shown = { autoLink, smartCommits, ...wanted }
  const isBusy = wanted.autoLink !== undefined || wanted.smartCommits !== undefined
  const toggle = (changed: Defaults) => {
    setWanted(changed)
    change(changed)
      .catch((error: unknown) => notify.failed(`${name} was not changed`, error))
      .finally(() => setWanted({}))
  }
  return (
    <DropdownItemCheckboxGroup id={`defaults-${id}`} title="New repositories" hasSeparator>
      <DropdownItemCheckbox
        id="auto-link"
        isSelected={shown.autoLink}
        isDisabled={isFixed || isBusy}
        onClick={() => toggle({ autoLink: !autoLink })}
      >
        Auto-link new repositories
      </DropdownItemCheckbox>
      <DropdownItemCheckbox
        id="smart-commits"
        isSelected={shown.smartCommits && shown.autoLink}
        isDisabled={isFixed || isBusy || !shown.autoLink}
        onClick={() => toggle({ smartCommits: !smartCommits })}
      >
        Enable smart commits on new repositories
      </DropdownItemCheckbox>
    </DropdownItemCheckboxGroup>
  )
}
