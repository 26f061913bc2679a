import Button from '@atlaskit/button/new'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useRef, useState, type FormEvent } from 'react'
import type { TriggerDryRunJson, TriggerJson } from '../../../src/contract/trigger.ts'
import { callApi } from '../../ui/api.ts'
import { FormActions } from '../../ui/form.tsx'
import { useNotify } from '../../ui/notify.ts'
import { RouterButton } from '../../ui/router-button.tsx'
import { Failure } from '../../ui/states.tsx'
import { DryRun } from './dry-run.tsx'
import { triggerPath, triggersQuery } from './queries.ts'
import { TriggerFields } from './trigger-fields.tsx'
import { findErrors, findRefused, toSettings, toTrial, type FormErrors, type TriggerForm } from './trigger-form.ts'
import styles from './triggers.module.css'

export interface TriggerEditorProps {
  /** null: it is a new one. */
  readonly id: string | null
  readonly start: TriggerForm
}

/** Fills in a rule, tries it on what happened of late, and saves it. */
export function TriggerEditor({ id, start }: TriggerEditorProps) {
  const [form, setForm] = useState(start)
  const [errors, setErrors] = useState<FormErrors>({})
  const fields = useRef<HTMLFormElement>(null)
  const save = useSaving(id)
  const trial = useMutation({
    mutationFn: (body: ReturnType<typeof toTrial>) => callApi<TriggerDryRunJson>('triggers/dry-run', { method: 'POST', body }),
  })
  const refuse = (found: FormErrors) => {
    setErrors(found)
    // After the fields have been drawn with what is wrong in them.
    requestAnimationFrame(() => fields.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
  }
  const run = <Body,>(
    mutation: { mutate: (body: Body, options: { onError: (error: unknown) => void }) => void },
    body: Body,
    isTrial: boolean,
  ) => {
    const found = findErrors(form, { isTrial })
    if (Object.keys(found).length > 0) return refuse(found)
    setErrors({})
    mutation.mutate(body, { onError: (error) => refuse(findRefused(error)) })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    run(save, toSettings(form), false)
  }
  const isOld = trial.variables !== undefined && JSON.stringify(trial.variables) !== JSON.stringify(toTrial(form))
  return (
    <form ref={fields} className={styles['editor']} noValidate onSubmit={submit}>
      <div className={styles['fields']}>
        <TriggerFields form={form} errors={errors} onChange={setForm} />
      </div>
      <DryRun trial={trial} isOld={isOld} onTry={() => run(trial, toTrial(form), true)} />
      <div className={styles['end']}>
        {save.isError ? <Failure error={save.error} title="Nothing was changed" /> : null}
        <FormActions>
          <Button type="submit" appearance="primary" isLoading={save.isPending}>
            {id === null ? 'Add trigger' : 'Save'}
          </Button>
          <RouterButton to="/triggers" appearance="subtle">
            Cancel
          </RouterButton>
        </FormActions>
      </div>
    </form>
  )
}

function useSaving(id: string | null) {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const notify = useNotify()
  return useMutation({
    mutationFn: (body: ReturnType<typeof toSettings>) =>
      id === null
        ? callApi<TriggerJson>('triggers', { method: 'POST', body })
        : callApi<TriggerJson>(triggerPath(id), { method: 'PUT', body }),
    async onSuccess({ name }) {
      notify.done(id === null ? `“${name}” was added` : `“${name}” was changed`)
      await queryClient.invalidateQueries(triggersQuery)
      await navigate({ to: '/triggers' })
    },
  })
}
