import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { JiraSignInChoiceJson, JiraSignInJson } from '../../../src/contract/jira-sign-in.ts'
import { callApi } from '../../ui/api.ts'
import { SelectInput } from '../../ui/form.tsx'
import { useFocusThroughout } from '../../ui/use-focus-throughout.ts'
import { useNotify } from '../../ui/notify.ts'
import { Section } from '../../ui/page.tsx'
import { StateLozenge } from '../../ui/state-lozenge.tsx'
import { Failure, QueryView } from '../../ui/states.tsx'
import { ApplicationLink } from './application-link.tsx'
import { jiraSignInQuery } from './queries.ts'
import { describeOffer } from './sign-in-offer.ts'
import styles from './parts.module.css'

/** Whether the sign-in page leads to Jira, and how. */
export function JiraSignIn() {
  const query = useQuery(jiraSignInQuery)
  return (
    <>
      <Section title="Signing in with Jira">
        <p className={styles['note']}>
          People sign in here with their account in Jira; their password is never asked for. A personal access token works always.
          “Continue with Jira” on the sign-in page needs OAuth 2.0 (Jira 8.22 or later) or an application link.
        </p>
        <QueryView query={query}>{(signIn) => <Choice signIn={signIn} />}</QueryView>
      </Section>
      {query.data === undefined ? null : <ApplicationLink signIn={query.data} />}
    </>
  )
}

const CHOICES: readonly { readonly value: JiraSignInChoiceJson; readonly label: string }[] = [
  { value: 'auto', label: 'By the version of Jira' },
  { value: 'oauth-2', label: 'OAuth 2.0' },
  { value: 'application-link', label: 'Application link (OAuth 1.0a)' },
  { value: 'none', label: 'Neither' },
]

function Choice({ signIn }: { readonly signIn: JiraSignInJson }) {
  const queryClient = useQueryClient()
  const notify = useNotify()
  const save = useMutation({
    mutationFn: (choice: JiraSignInChoiceJson) => callApi<JiraSignInJson>('jira/sign-in', { method: 'PUT', body: { choice } }),
    onSuccess: (stored) => {
      queryClient.setQueryData(jiraSignInQuery.queryKey, stored)
      notify.done('The way to sign in is changed')
    },
  })
  useFocusThroughout(save.isPending)
  const { tone, label, why } = describeOffer(signIn)
  return (
    <>
      <dl className={styles['facts']}>
        <dt>On the sign-in page</dt>
        <dd>
          <StateLozenge tone={tone}>{label}</StateLozenge>
          {why === null ? null : <p className={styles['remedy']}>{why}</p>}
        </dd>
        <dt>Jira sends people back to</dt>
        <dd className={styles['code']}>{signIn.callback}</dd>
      </dl>
      <div className={styles['form']}>
        <SelectInput
          label="“Continue with Jira” uses"
          value={signIn.choice}
          options={CHOICES}
          disabled={save.isPending}
          onChange={(choice) => save.mutate(choice)}
        />
      </div>
      {save.isError ? <Failure error={save.error} title="Nothing was changed" /> : null}
    </>
  )
}
