import { useQuery } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { Page } from '../../ui/page.tsx'
import { Empty, QueryView } from '../../ui/states.tsx'
import { toVisibleText } from '../../ui/visible-text.ts'
import { triggersQuery } from './queries.ts'
import { NEW_TRIGGER, TEMPLATES, toForm } from './trigger-form.ts'
import { TriggerEditor } from './trigger-editor.tsx'

const TRAIL = [{ label: 'Workflow triggers', to: '/triggers' }]

/** The form for a new rule, filled from the template that the address names. */
export function NewTriggerPage() {
  const { template } = useSearch({ strict: false })
  const start = TEMPLATES.find(({ id }) => id === template)?.form ?? NEW_TRIGGER
  return (
    <Page title="Add workflow trigger" trail={TRAIL} intro="It is tried after all others; the list changes the order.">
      <TriggerEditor key={template} id={null} start={start} />
    </Page>
  )
}

export function TriggerPage() {
  const { triggerId } = useParams({ strict: false })
  // What somebody types must not be replaced by what is stored.
  const query = useQuery({ ...triggersQuery, refetchInterval: false, refetchOnWindowFocus: false })
  const rule = query.data?.items.find(({ id }) => id === triggerId)
  return (
    <Page title={rule === undefined ? 'Workflow trigger' : `Edit ${toVisibleText(rule.name)}`} trail={TRAIL}>
      <QueryView query={query}>
        {() =>
          rule === undefined ? (
            <Empty title="There is no such workflow trigger">Somebody may have deleted it.</Empty>
          ) : (
            <TriggerEditor key={rule.id} id={rule.id} start={toForm(rule)} />
          )
        }
      </QueryView>
    </Page>
  )
}
