import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { SelectInput, TextInput } from '../../ui/form.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import type { Place } from './development.ts'
import { addManualLink, issueKeyOf, repositoriesQuery } from './queries.ts'
import { checkReason } from './reason.ts'
import { parseReference } from './reference.ts'

interface LinkDialogProps {
  readonly issue: string
  /** Those that have something of the issue. */
  readonly known: readonly Place[]
  readonly onClose: () => void
}

interface Problems {
  readonly reference?: string
  readonly repository?: string
  readonly reason?: string | null
}

/** Links one commit or pull request to the issue that does not name it. */
export function LinkDialog({ issue, known, onClose }: LinkDialogProps) {
  const queryClient = useQueryClient()
  const [text, setText] = useState('')
  const [search, setSearch] = useState('')
  const [chosen, setChosen] = useState('')
  const [reason, setReason] = useState('')
  const [problems, setProblems] = useState<Problems>({})
  const reference = parseReference(text)
  const repositories = useRepositories({ known, search, repositoryUrl: reference?.repositoryUrl ?? null })
  const addressed = repositories.find(({ url }) => url === reference?.repositoryUrl)
  const repositoryId = chosen === '' ? (addressed?.id ?? (repositories.length === 1 ? (repositories[0]?.id ?? '') : '')) : chosen
  const link = async () => {
    const found: Problems = {
      ...(reference === null ? { reference: 'A whole hash, a number such as !12, or the address of either.' } : {}),
      ...(repositoryId === '' ? { repository: 'Choose the repository it is in.' } : {}),
      reason: checkReason(reason),
    }
    setProblems(found)
    if (reference === null || repositoryId === '' || found.reason !== null) return false
    const { kind, id } = reference
    await addManualLink(issue, { action: 'link', kind, id, repositoryId, reason: reason.trim() })
    await queryClient.invalidateQueries(issueKeyOf(issue))
    return true
  }
  return (
    <FormDialog title={`Link to ${issue}`} action="Link" onSubmit={link} onClose={onClose}>
      <TextInput
        label="Commit or merge request"
        hint="A whole commit hash, the number of a merge request, or the address of either at the Git host."
        value={text}
        onChange={setText}
        error={problems.reference}
        required
        autoFocus
      />
      <TextInput label="Find a repository" value={search} onChange={setSearch} placeholder="Part of its name" type="search" />
      <SelectInput
        label="Repository"
        error={problems.repository}
        value={repositoryId}
        options={[{ value: '', label: 'Choose …' }, ...repositories.map(({ id, name }) => ({ value: id, label: name }))]}
        onChange={setChosen}
      />
      <TextInput
        label="Reason"
        hint="Shown beside the commit or merge request."
        value={reason}
        onChange={setReason}
        error={problems.reason}
        required
      />
    </FormDialog>
  )
}

interface Search {
  readonly known: readonly Place[]
  readonly search: string
  readonly repositoryUrl: string | null
}

/** Those of the issue, and those that the search or the address names. */
function useRepositories({ known, search, repositoryUrl }: Search): readonly Pick<Place, 'id' | 'name' | 'url'>[] {
  const named =
    search.trim() === '' ? (repositoryUrl === null ? '' : (URL.parse(repositoryUrl)?.pathname.split('/').at(-1) ?? '')) : search
  const text = useDeferredValue(named.trim())
  const { data } = useQuery({ ...repositoriesQuery(text), enabled: text !== '' || known.length === 0 })
  const found = (data?.items ?? []).filter(({ linked }) => linked)
  const listed = search.trim() === '' ? [...known, ...found] : found
  return [...new Map(listed.map((repository) => [repository.id, repository])).values()]
}
