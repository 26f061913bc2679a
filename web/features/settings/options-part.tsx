import Lozenge from '@atlaskit/lozenge'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { SettingsJson } from '../../../src/contract/settings.ts'
import { TextInput } from '../../ui/form.tsx'
import { Section } from '../../ui/page.tsx'
import { QueryView } from '../../ui/states.tsx'
import { settingsQuery } from './queries.ts'
import styles from './parts.module.css'
import table from '../../ui/table.module.css'

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
      <div className={table['scroll']}>
        <table className={table['table']}>
          <thead>
            <tr>
              <th scope="col">Option</th>
              <th scope="col">Value</th>
              <th scope="col">From</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ name, value, managedBy, description }) => (
              <tr key={name}>
                <td>
                  <code>{name}</code>
                  <div className={styles['subtle']}>{description}</div>
                </td>
                <td>{toText(value)}</td>
                <td>{managedBy === 'file' ? <Lozenge appearance="inprogress">file</Lozenge> : <Lozenge>default</Lozenge>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p role="status" className={styles['note']}>
        {shown.length} of {options.length} options
      </p>
    </>
  )
}

function toText(value: SettingsJson['options'][number]['value']): string {
  if (value === null) return 'none'
  return typeof value === 'string' ? value : value.join(', ') || 'none'
}
