import Button from '@atlaskit/button/new'
import Checkbox from '@atlaskit/checkbox'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { IssueKeyPreviewJson, IssueKeyRulesJson, SettingsJson } from '../../../src/contract/settings.ts'
import { callApi } from '../../ui/api.ts'
import { FormActions } from '../../ui/form.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Section } from '../../ui/page.tsx'
import { Failure, QueryView } from '../../ui/states.tsx'
import { PreviewResult } from './preview-result.tsx'
import { settingsQuery } from './queries.ts'
import styles from './parts.module.css'

const PLACES = [
  { place: 'branch', label: 'in names of branches' },
  { place: 'commit', label: 'in commit messages' },
  { place: 'title', label: 'in titles of pull requests' },
] as const

/** What a change costs, told before and after. */
const READ_AGAIN =
  'Every linked repository is read again: its commits from the copy that is kept here, its pull requests and builds from its host.'

/** Which texts name an issue; a change is shown before it is made. */
export function IssueKeysPart() {
  const query = useQuery(settingsQuery)
  return (
    <Section title="Issue keys">
      <p className={styles['note']}>
        An issue key is a project key of your Jira, a hyphen and a number, such as SHOP-7. Jira’s list of projects decides what
        counts.
      </p>
      <QueryView query={query}>{({ issueKeys }) => <RulesForm key={JSON.stringify(issueKeys)} rules={issueKeys} />}</QueryView>
    </Section>
  )
}

function RulesForm({ rules }: { readonly rules: SettingsJson['issueKeys'] }) {
  const queryClient = useQueryClient()
  const notify = useNotify()
  const [chosen, setChosen] = useState<IssueKeyRulesJson>({
    anyCaseIn: [...rules.anyCaseIn],
    pullRequestCommits: rules.pullRequestCommits,
  })
  const byFile = rules.managedBy === 'file'
  const preview = useMutation({
    mutationFn: () => callApi<IssueKeyPreviewJson>('settings/issue-keys/preview', { method: 'POST', body: chosen }),
  })
  const save = useMutation({
    mutationFn: () => callApi('settings/issue-keys', { method: 'PUT', body: chosen }),
    onSuccess: async () => {
      notify.done('The rules are changed', READ_AGAIN)
      await queryClient.invalidateQueries(settingsQuery)
    },
  })
  const change = (changed: Partial<IssueKeyRulesJson>) => {
    setChosen({ ...chosen, ...changed })
    preview.reset()
  }
  return (
    <form
      className={`${styles['form']} ${styles['withTable']}`}
      onSubmit={(event) => {
        event.preventDefault()
        preview.mutate()
      }}
    >
      <fieldset disabled={byFile}>
        <legend className={styles['note']}>Keys in lower case count too</legend>
        {PLACES.map(({ place, label }) => (
          <Checkbox
            key={place}
            label={label}
            isDisabled={byFile}
            isChecked={chosen.anyCaseIn.includes(place)}
            onChange={({ currentTarget }) =>
              change({
                anyCaseIn: PLACES.map((each) => each.place).filter((each) =>
                  each === place ? currentTarget.checked : chosen.anyCaseIn.includes(each),
                ),
              })
            }
          />
        ))}
      </fieldset>
      <div className={styles['choices']}>
        <Checkbox
          label="A pull request also belongs to the issues that its commits name"
          isDisabled={byFile}
          isChecked={chosen.pullRequestCommits}
          onChange={({ currentTarget }) => change({ pullRequestCommits: currentTarget.checked })}
        />
      </div>
      {preview.isError ? <Failure error={preview.error} title="The preview could not be made" /> : null}
      {save.isError ? <Failure error={save.error} title="Nothing was changed" /> : null}
      {preview.data === undefined ? null : (
        <>
          <PreviewResult preview={preview.data} />
          <p className={styles['note']}>{READ_AGAIN}</p>
        </>
      )}
      {byFile ? (
        <p className={styles['note']}>Managed by the configuration file: change it there and start the connector again.</p>
      ) : (
        <FormActions>
          {preview.data === undefined ? (
            <Button type="submit" appearance="primary" isLoading={preview.isPending}>
              Show what would change
            </Button>
          ) : (
            <Button appearance="primary" isLoading={save.isPending} onClick={() => save.mutate()}>
              Change the rules
            </Button>
          )}
        </FormActions>
      )}
    </form>
  )
}
