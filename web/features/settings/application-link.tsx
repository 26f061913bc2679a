import Button from '@atlaskit/button/new'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { JiraSignInJson } from '../../../src/contract/jira-sign-in.ts'
import { callApi } from '../../ui/api.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Section } from '../../ui/page.tsx'
import { StateLozenge } from '../../ui/state-lozenge.tsx'
import { Failure } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { jiraSignInQuery } from './queries.ts'
import styles from './parts.module.css'

/** The connector's side of an application link: what is entered in Jira, how, and whether Jira took it. */
export function ApplicationLink({ signIn }: { readonly signIn: JiraSignInJson }) {
  const { applicationLink: link, steps } = signIn
  return (
    <Section title="Application link">
      {link === null ? (
        <>
          <p className={styles['note']}>
            For Jira before 8.22: the connector makes a key pair, and an administrator of Jira enters the public key there. The
            private key stays here, encrypted.
          </p>
          <MakeKey />
        </>
      ) : (
        <>
          <LinkFacts link={link} />
          <div className={styles['message']}>
            <ol className={styles['instructions']}>
              {steps.map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ol>
          </div>
          <LinkButtons />
        </>
      )}
    </Section>
  )
}

function LinkFacts({ link }: { readonly link: NonNullable<JiraSignInJson['applicationLink']> }) {
  return (
    <>
      <dl className={styles['facts']}>
        <dt>In Jira</dt>
        <dd>
          {link.acceptedAt === null ? (
            <StateLozenge tone="warning">Not accepted yet</StateLozenge>
          ) : (
            <>
              <StateLozenge tone="success">Accepted</StateLozenge> <Time at={link.acceptedAt} />
            </>
          )}
        </dd>
        <dt>Key pair made</dt>
        <dd>
          <Time at={link.madeAt} />
        </dd>
      </dl>
      <div className={styles['form']}>
        <CopyField label="Address of the connector" value={link.address} />
        <CopyField label="Consumer key" value={link.consumerKey} />
        <CopyField label="Consumer name" value={link.consumerName} />
        <CopyField label="Public key" value={link.publicKey} rows={10} hint="With its first and last line." />
      </div>
    </>
  )
}

function MakeKey() {
  const make = useKeyPair()
  return (
    <>
      {make.isError ? <Failure error={make.error} title="No key pair was made" /> : null}
      <div className={styles['buttons']}>
        <Button isLoading={make.isPending} onClick={() => make.mutate()}>
          Make a key pair
        </Button>
      </div>
    </>
  )
}

function LinkButtons() {
  const queryClient = useQueryClient()
  const notify = useNotify()
  const make = useKeyPair()
  const [asked, setAsked] = useState(false)
  const test = useMutation({
    mutationFn: () => callApi<JiraSignInJson>('jira/sign-in/test', { method: 'POST' }),
    onSuccess: (tested) => {
      queryClient.setQueryData(jiraSignInQuery.queryKey, tested)
      notify.done('Jira accepts the key pair')
    },
  })
  return (
    <>
      {test.isError ? <Failure error={test.error} title="Jira does not accept it" /> : null}
      <div className={styles['buttons']}>
        <Button appearance="primary" isLoading={test.isPending} onClick={() => test.mutate()}>
          Test
        </Button>
        <Button onClick={() => setAsked(true)}>New key pair …</Button>
      </div>
      {asked ? (
        <ConfirmDialog
          title="Make a new key pair?"
          action="Make it"
          appearance="warning"
          onClose={() => setAsked(false)}
          onConfirm={async () => {
            await make.mutateAsync()
            test.reset()
          }}
        >
          <p>
            Nobody signs in by the application link until the new public key is entered in Jira and tested here. Whoever is signed
            in stays so.
          </p>
        </ConfirmDialog>
      ) : null}
    </>
  )
}

function useKeyPair() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: () => callApi<JiraSignInJson>('jira/sign-in/key', { method: 'POST' }),
    onSuccess: (made) => queryClient.setQueryData(jiraSignInQuery.queryKey, made),
  })
}
