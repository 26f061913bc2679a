import Lozenge from '@atlaskit/lozenge'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { SettingsJson } from '../../../src/contract/settings.ts'
import { DataRow, DataTable } from '../../ui/data-table.tsx'
import { TextInput } from '../../ui/form.tsx'
import { Section } from '../../ui/page.tsx'
import { Empty, QueryView } from '../../ui/states.tsx'
import { settingsQuery } from './queries.ts'
import styles from './parts.module.css'

const COLUMNS = [{ label: 'Option' }, { label: 'Value' }, { label: 'From' }]

/** Network, webhook security, retention and the rest, as they are in force. */
export function OptionsPart() {
  const query = useQuery(settingsQuery)
  return (
    <Section title="Configuration">
      <p className={styles['note']}>
        What is in force on this node. It comes from the configuration file and the environment, and changes with the next start.
        Secrets are not shown.
      </p>
      <QueryView query={query}>{({ options }) => <Options options={options} />}</QueryView>
    </Section>
  )
}

function Options({ options }: Pick<SettingsJson, 'options'>) {
  const [text, setText] = useState('')
  const wanted = text.trim().toLowerCase()
  const shown = options.filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(wanted))
  return (
    <>
      <div className={styles['form']}>
        <TextInput label="Find an option" type="search" value={text} onChange={setText} placeholder="proxy, retention, webhook" />
      </div>
      {shown.length === 0 ? (
        <Empty small title="No option fits">
          Their names and descriptions are searched.
        </Empty>
      ) : (
        <DataTable label="Options" columns={COLUMNS}>
          {shown.map(({ name, value, managedBy, description }) => (
            <DataRow
              key={name}
              columns={COLUMNS}
              cells={[
                <>
                  <code>{name}</code>
                  <div className={styles['subtle']}>
                    <Described text={description} />
                  </div>
                </>,
                <div key="value" className={styles['value']}>
                  {toText(value)}
                </div>,
                managedBy === 'file' ? (
                  <Lozenge key="from" appearance="inprogress">
                    file
                  </Lozenge>
                ) : (
                  <Lozenge key="from">default</Lozenge>
                ),
              ]}
            />
          ))}
        </DataTable>
      )}
      <p role="status" className={styles['note']}>
        {shown.length} of {options.length} options
      </p>
    </>
  )
}

/** What stands between backticks is code. */
function Described({ text }: { readonly text: string }) {
  return text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))
}

function toText(value: SettingsJson['options'][number]['value']): string {
  if (value === null) return 'none'
  return typeof value === 'string' ? value : value.join(', ') || 'none'
}
