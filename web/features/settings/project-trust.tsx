import Button from '@atlaskit/button/new'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import type { ProjectTrustJson } from '../../../src/contract/smart-commit.ts'
import { callApi } from '../../ui/api.ts'
import { DataRow, DataTable } from '../../ui/data-table.tsx'
import { Select, SelectInput, TextInput } from '../../ui/form.tsx'
import { useFocusThroughout } from '../../ui/use-focus-throughout.ts'
import { useNotify } from '../../ui/notify.ts'
import { TRUST_LEVELS, toTrustMeaning, type TrustLevel } from '../../ui/smart-commits/trust-levels.ts'
import { Failure, QueryView } from '../../ui/states.tsx'
import { projectTrustQuery } from './queries.ts'
import styles from './parts.module.css'

const COLUMNS = [{ label: 'Project' }, { label: 'Level of trust' }, { label: 'Actions' }]

type Levels = ProjectTrustJson['projects']

/** Levels of single projects; every change is stored at once. */
export function ProjectTrust() {
  const query = useQuery(projectTrustQuery)
  return <QueryView query={query}>{({ projects }) => <ProjectLevels levels={projects} />}</QueryView>
}

function ProjectLevels({ levels }: { readonly levels: Levels }) {
  const queryClient = useQueryClient()
  const notify = useNotify()
  const save = useMutation({
    mutationFn: (projects: Levels) => callApi<ProjectTrustJson>('smart-commit-trust', { method: 'PUT', body: { projects } }),
    onSuccess: (stored) => {
      queryClient.setQueryData(projectTrustQuery.queryKey, stored)
      notify.done('The levels are changed')
    },
  })
  useFocusThroughout(save.isPending)
  const keys = Object.keys(levels).toSorted()
  const remove = (key: string) => save.mutate(Object.fromEntries(Object.entries(levels).filter(([each]) => each !== key)))
  return (
    <>
      {keys.length === 0 ? (
        <p>No project has a level of its own.</p>
      ) : (
        <DataTable label="Levels of projects" columns={COLUMNS}>
          {keys.map((key) => (
            <DataRow
              key={key}
              columns={COLUMNS}
              cells={[
                key,
                <>
                  <Select
                    compact
                    aria-label={`Level of trust of ${key}`}
                    value={levels[key] ?? 'author'}
                    options={TRUST_LEVELS}
                    disabled={save.isPending}
                    onChange={(level) => save.mutate({ ...levels, [key]: level })}
                  />
                  <div className={styles['subtle']}>{toTrustMeaning(levels[key] ?? 'author')}</div>
                </>,
                <Button
                  key="remove"
                  spacing="compact"
                  aria-label={`Remove the level of ${key}`}
                  isDisabled={save.isPending}
                  onClick={() => remove(key)}
                >
                  Remove
                </Button>,
              ]}
            />
          ))}
        </DataTable>
      )}
      {save.isError ? <Failure error={save.error} title="Nothing was changed" /> : null}
      <AddProject busy={save.isPending} onAdd={(key, level) => save.mutateAsync({ ...levels, [key]: level })} />
    </>
  )
}

interface AddProjectProps {
  readonly busy: boolean
  readonly onAdd: (key: string, level: TrustLevel) => Promise<unknown>
}

function AddProject({ busy, onAdd }: AddProjectProps) {
  const [typed, setTyped] = useState('')
  const [level, setLevel] = useState<TrustLevel>('verified')
  const key = typed.trim().toUpperCase()
  const wrong = key !== '' && !/^[A-Z][A-Z0-9_]*$/.test(key)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    // What went wrong is told above the form.
    if (key !== '' && !wrong)
      onAdd(key, level).then(
        () => setTyped(''),
        () => undefined,
      )
  }
  return (
    <form className={styles['form']} noValidate onSubmit={submit}>
      <TextInput
        label="Project key"
        value={typed}
        onChange={setTyped}
        placeholder="SHOP"
        error={wrong ? 'It must be a project key such as SHOP.' : null}
      />
      <SelectInput label="Level of trust" value={level} options={TRUST_LEVELS} onChange={setLevel} hint={toTrustMeaning(level)} />
      <div className={styles['buttons']}>
        <Button type="submit" isLoading={busy} isDisabled={key === '' || wrong}>
          Set level
        </Button>
      </div>
    </form>
  )
}
