import { IconButton } from '@atlaskit/button/new'
import DropdownMenu, { DropdownItem, DropdownItemGroup } from '@atlaskit/dropdown-menu'
import ShowMoreIcon from '@atlaskit/icon/core/show-more-horizontal'
import { useNavigate } from '@tanstack/react-router'
import type { RepositoryJson } from '../../../../src/contract/repository.ts'
import { isWebAddress } from '../../../ui/web-address.ts'
import type { RowCallbacks } from './row-callbacks.ts'

/** All that can be done with a row, for keyboards and fingers as well. */
export function RowMenu({ repository, callbacks }: { readonly repository: RepositoryJson; readonly callbacks: RowCallbacks }) {
  const navigate = useNavigate()
  const { id, name, url, linked, sync } = repository
  const isWorking = sync.state === 'queued' || sync.state === 'running' || sync.state === 'retrying'
  return (
    <DropdownMenu<HTMLButtonElement>
      placement="bottom-end"
      // In a low window the page can be scrolled to its end.
      strategy="absolute"
      trigger={({ triggerRef, ...props }) => (
        <IconButton
          ref={triggerRef}
          {...props}
          icon={ShowMoreIcon}
          label={`More about ${name}`}
          appearance="subtle"
          spacing="compact"
        />
      )}
    >
      <DropdownItemGroup title={name}>
        <DropdownItem isDisabled={!linked} onClick={() => callbacks.sync(repository)}>
          Soft synchronization
        </DropdownItem>
        <DropdownItem isDisabled={!linked} onClick={() => callbacks.chooseSync(repository, 'full')}>
          Full synchronization…
        </DropdownItem>
        {isWorking ? <DropdownItem onClick={() => callbacks.cancel(repository)}>Cancel synchronization</DropdownItem> : null}
        <DropdownItem onClick={() => callbacks.explainWebhook(repository)}>Webhook…</DropdownItem>
        <DropdownItem onClick={() => void navigate({ to: '/repositories/$repositoryId', params: { repositoryId: id } })}>
          Details and history
        </DropdownItem>
        {isWebAddress(url) ? (
          <DropdownItem href={url} target="_blank" rel="noreferrer">
            Open at the Git host
          </DropdownItem>
        ) : null}
      </DropdownItemGroup>
    </DropdownMenu>
  )
}
