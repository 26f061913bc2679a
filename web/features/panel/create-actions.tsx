import { LinkButton } from '@atlaskit/button/new'
import DropdownMenu, { DropdownItem, DropdownItemGroup } from '@atlaskit/dropdown-menu'
import LinkExternalIcon from '@atlaskit/icon/core/link-external'
import { useQuery } from '@tanstack/react-query'
import type { DevelopmentJson } from '../../../src/contract/development.ts'
import { toVisibleText } from '../../ui/visible-text.ts'
import { isWebAddress } from '../../ui/web-address.ts'
import { listEntries } from './development.ts'
import { createBranchQuery } from './queries.ts'
import { toRequestWord } from './words.ts'

interface CreateActionsProps {
  readonly issue: string
  readonly development: DevelopmentJson
}

/** Where the host makes a branch or a pull request for the issue; the host asks who may. */
export function CreateActions({ issue, development }: CreateActionsProps) {
  const { data } = useQuery(createBranchQuery(issue))
  const branches = (data?.createBranch ?? []).map(({ repository, url }) => ({
    key: repository.id,
    text: repository.name,
    detail: data?.branchName ?? '',
    url,
  }))
  const sources = listEntries(development, 'branches')
  const requests = sources.map(({ name, repository, createPullRequestUrl }) => ({
    key: `${repository.id} ${name}`,
    text: name,
    detail: repository.name,
    url: createPullRequestUrl ?? '',
  }))
  return (
    <>
      <Create title="Create branch" targets={branches} />
      <Create title={`Create ${toRequestWord(sources[0]?.repository.host ?? '')}`} targets={requests} />
    </>
  )
}

interface Target {
  readonly key: string
  readonly text: string
  readonly detail: string
  readonly url: string
}

interface CreateProps {
  readonly title: string
  readonly targets: readonly Target[]
}

/** More are found in the list of branches. */
const MOST_CHOICES = 20

function Create({ title, targets }: CreateProps) {
  const usable = targets.filter(({ url }) => isWebAddress(url)).slice(0, MOST_CHOICES)
  const [first] = usable
  if (first === undefined) return null
  if (usable.length === 1) {
    return (
      <LinkButton href={first.url} target="_blank" rel="noreferrer" iconAfter={LinkExternalIcon}>
        {title}
      </LinkButton>
    )
  }
  return (
    <DropdownMenu trigger={title} placement="bottom-end" shouldRenderToParent>
      <DropdownItemGroup>
        {usable.map(({ key, text, detail, url }) => (
          <DropdownItem
            key={key}
            href={url}
            target="_blank"
            rel="noreferrer"
            description={toVisibleText(detail)}
            shouldDescriptionWrap
          >
            <bdi>{toVisibleText(text)}</bdi>
          </DropdownItem>
        ))}
      </DropdownItemGroup>
    </DropdownMenu>
  )
}
