import Button from '@atlaskit/button/new'
import Lozenge from '@atlaskit/lozenge'
import SectionMessage from '@atlaskit/section-message'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent, type ReactNode } from 'react'
import type { TokenJson } from '../../../src/contract/tokens.ts'
import { callApi } from '../../ui/api.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { DataRow, DataTable } from '../../ui/data-table.tsx'
import { FormActions, SelectInput, TextInput } from '../../ui/form.tsx'
import { Section } from '../../ui/page.tsx'
import { Empty, Failure, QueryView } from '../../ui/states.tsx'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { Time } from '../../ui/time.tsx'
import { toExpiry, EXPIRIES, type Expiry } from './expiry.ts'
import { tokensQuery } from './queries.ts'
import styles from './parts.module.css'

const SCOPES = [
  { value: 'read', label: 'Read: everything that can be read' },
  { value: 'metrics', label: 'Metrics: /metrics alone' },
  { value: 'admin', label: 'Admin: everything' },
] as const

/** Tokens for scripts and for Prometheus. */
export function TokensPart() {
  const query = useQuery(tokensQuery)
  return (
    <>
      <Section title="API tokens">
        <QueryView query={query}>
          {(tokens) =>
            tokens.length === 0 ? (
              <Empty small title="No tokens yet">
                Scripts send one as “Authorization: Bearer …”.
              </Empty>
            ) : (
              <TokenTable tokens={tokens} />
            )
          }
        </QueryView>
      </Section>
      <Section title="Create a token">
        <NewToken />
      </Section>
    </>
  )
}

const COLUMNS = [
  { label: 'Name' },
  { label: 'Scope' },
  { label: 'Created' },
  { label: 'Last used' },
  { label: 'Expires' },
  { label: 'Actions' },
]

function TokenTable({ tokens }: { readonly tokens: readonly TokenJson[] }) {
  return (
    <DataTable label="API tokens" columns={COLUMNS}>
      {tokens.map((token) => (
        <DataRow key={token.id} columns={COLUMNS} cells={toCells(token)} />
      ))}
    </DataTable>
  )
}

function toCells(token: TokenJson): ReactNode[] {
  return [
    <>
      <StrangerText>{token.name}</StrangerText> <code>{token.prefix}…</code>
    </>,
    token.scope,
    <>
      <Time at={token.createdAt} /> {token.createdBy === null ? '' : `by ${token.createdBy}`}
    </>,
    <Time key="used" at={token.lastUsedAt} />,
    <Time key="expires" at={token.expiresAt} />,
    token.revoked ? <Lozenge key="actions">revoked</Lozenge> : <Revoke key="actions" token={token} />,
  ]
}

function Revoke({ token }: { readonly token: TokenJson }) {
  const queryClient = useQueryClient()
  const [asked, setAsked] = useState(false)
  return (
    <>
      <Button spacing="compact" aria-label={`Revoke ${token.name}`} onClick={() => setAsked(true)}>
        Revoke …
      </Button>
      {asked ? (
        <ConfirmDialog
          title={`Revoke ${token.name}?`}
          action="Revoke"
          appearance="danger"
          onClose={() => setAsked(false)}
          onConfirm={async () => {
            await callApi(`tokens/${encodeURIComponent(token.id)}`, { method: 'DELETE' })
            await queryClient.invalidateQueries(tokensQuery)
          }}
        >
          <p>Whatever uses it is refused from now on. This cannot be undone.</p>
        </ConfirmDialog>
      ) : null}
    </>
  )
}

function NewToken() {
  const queryClient = useQueryClient()
  const [name, setName] = useState('')
  const [scope, setScope] = useState<TokenJson['scope']>('read')
  const [expiry, setExpiry] = useState<Expiry>('90')
  const create = useMutation({
    mutationFn: () =>
      callApi<TokenJson & { readonly value: string }>('tokens', {
        method: 'POST',
        body: { name, scope, expiresAt: toExpiry(expiry, Date.now()) },
      }),
    onSuccess: async () => {
      setName('')
      await queryClient.invalidateQueries(tokensQuery)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate()
  }
  return (
    <form className={styles['form']} onSubmit={submit}>
      <TextInput label="Name" value={name} onChange={setName} hint="What uses it, such as “Prometheus”." required />
      <SelectInput label="Scope" value={scope} options={SCOPES} onChange={setScope} />
      <SelectInput label="Expires" value={expiry} options={EXPIRIES} onChange={setExpiry} />
      {create.isError ? <Failure error={create.error} title="No token was made" /> : null}
      {create.data === undefined ? null : <NewValue token={create.data} />}
      <FormActions>
        <Button type="submit" isLoading={create.isPending}>
          Create token
        </Button>
      </FormActions>
    </form>
  )
}

function NewValue({ token }: { readonly token: { readonly name: string; readonly value: string } }) {
  return (
    <div className={styles['message']} aria-live="polite">
      <SectionMessage appearance="success" title={`Copy the token “${token.name}” now: it is not shown again`}>
        <CopyField label="Token" value={token.value} />
      </SectionMessage>
    </div>
  )
}
