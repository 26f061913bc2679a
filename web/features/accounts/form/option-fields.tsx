import { CheckBox } from '../../../ui/check-box.tsx'
import { SelectInput, TextInput } from '../../../ui/form.tsx'
import { TRUST_LEVELS, toTrustMeaning } from '../../../ui/smart-commits/trust-levels.ts'
import { TextArea } from '../../../ui/text-area.tsx'
import { WEBHOOK_MODES } from '../account-texts.ts'
import type { FieldsProps } from './sign-in-fields.tsx'

/** The two options of Jira's own dialog. */
export function NewRepositoryFields({ form, onChange }: Omit<FieldsProps, 'errors'>) {
  return (
    <>
      <CheckBox
        label="Auto-link new repositories"
        checked={form.autoLink}
        onChange={(autoLink) => onChange({ ...form, autoLink })}
        hint="Repositories are linked as they appear. Otherwise you enable them one by one or in bulk."
      />
      <CheckBox
        label="Enable smart commits"
        checked={form.smartCommits && form.autoLink}
        disabled={!form.autoLink}
        onChange={(smartCommits) => onChange({ ...form, smartCommits })}
        hint={<SmartCommitsHint />}
      />
    </>
  )
}

function SmartCommitsHint() {
  return (
    <>
      The choice for new repositories. Commit messages can then comment on issues, log work and change their status; commits of
      the past are never executed. Switch them off in Jira’s built-in connector, or they are executed twice.
    </>
  )
}

/** Whose smart commits count, and whether their authors are told. */
export function SmartCommitFields({ form, errors, onChange }: FieldsProps) {
  return (
    <>
      <SelectInput
        label="Whose smart commits are executed"
        value={form.smartCommitTrust}
        error={errors.smartCommitTrust}
        options={TRUST_LEVELS}
        onChange={(smartCommitTrust) => onChange({ ...form, smartCommitTrust })}
        hint={`${toTrustMeaning(form.smartCommitTrust)} Anybody who may push can write any name into a commit. Single projects of Jira can have a level of their own: Settings > Smart commits.`}
      />
      <CheckBox
        label="Tell authors at the Git host"
        checked={form.smartCommitReplies}
        onChange={(smartCommitReplies) => onChange({ ...form, smartCommitReplies })}
        hint="One comment for each smart commit, in its open merge request or else on the commit: what was done, and what was not. The token needs the right to write comments."
      />
    </>
  )
}

export function GlobFields({ form, errors, onChange }: FieldsProps) {
  return (
    <>
      <TextArea
        label="Include"
        value={form.include}
        error={errors.include}
        rows={3}
        onChange={(include) => onChange({ ...form, include })}
        hint="Paths of repositories, one pattern a line: ** is everything, acme/*/api the repositories called api one level down."
      />
      <TextArea
        label="Exclude"
        value={form.exclude}
        error={errors.exclude}
        rows={3}
        onChange={(exclude) => onChange({ ...form, exclude })}
        hint="What is left out of that, such as **/sandbox-*."
      />
    </>
  )
}

export function ProjectsField({ form, errors, onChange }: FieldsProps) {
  return (
    <TextInput
      label="Jira projects"
      value={form.jiraProjects}
      error={errors.jiraProjects}
      placeholder="All projects"
      onChange={(jiraProjects) => onChange({ ...form, jiraProjects })}
      hint="Keys such as SHOP, PAY. Only their issues get what this account’s repositories tell. Empty: all projects."
    />
  )
}

export function WebhookFields({ form, errors, onChange, isStored }: FieldsProps & { readonly isStored: boolean }) {
  return (
    <>
      <SelectInput
        label="Webhooks"
        value={form.webhooks}
        options={WEBHOOK_MODES}
        onChange={(webhooks) => onChange({ ...form, webhooks })}
        hint="Without them changes are found at every synchronization."
      />
      {form.webhooks === 'manual' ? (
        <TextInput
          label="Webhook secret"
          type="password"
          autoComplete="new-password"
          value={form.webhookSecret}
          error={errors.webhookSecret}
          required={!isStored}
          onChange={(webhookSecret) => onChange({ ...form, webhookSecret })}
          hint="Enter the same secret in the hooks at GitLab."
        />
      ) : null}
      {form.webhooks === 'off' || form.webhooks === 'manual' ? null : (
        <TextInput
          label="Webhook administration token"
          type="password"
          autoComplete="new-password"
          value={form.webhookAdminToken}
          error={errors.webhookAdminToken}
          onChange={(webhookAdminToken) => onChange({ ...form, webhookAdminToken })}
          hint={`Used for webhooks alone (scope api, Maintainer or Owner), so that the other may stay read-only.${isStored ? ' Empty: the stored one stays.' : ''}`}
        />
      )}
    </>
  )
}

export function GitAddressField({ form, errors, onChange }: FieldsProps) {
  return (
    <TextInput
      label="Address for Git"
      type="url"
      value={form.gitUrl}
      error={errors.gitUrl}
      placeholder="The same address"
      onChange={(gitUrl) => onChange({ ...form, gitUrl })}
      hint="Only where the installation serves Git at another address than its pages and its API."
    />
  )
}
