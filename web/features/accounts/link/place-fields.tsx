import { TextInput } from '../../../ui/form.tsx'
import { GITLAB_COM, nameOf, withOwner } from '../form/account-form.ts'
import { Choices } from '../form/choices.tsx'
import type { FieldsProps } from '../form/sign-in-fields.tsx'

const HOSTS = [
  { value: 'gitlab', label: 'GitLab' },
  { value: 'github', label: 'GitHub', hint: 'Not yet', disabled: true },
  { value: 'bitbucket', label: 'Bitbucket', hint: 'Not yet', disabled: true },
] as const

const PLACES = [
  { value: 'com', label: 'GitLab.com' },
  { value: 'self', label: 'GitLab Self-Managed' },
] as const

type Host = (typeof HOSTS)[number]['value']
type Place = (typeof PLACES)[number]['value']

/** Which host, where it is, and whose repositories. */
export function PlaceFields({ form, errors, onChange }: FieldsProps) {
  const place: Place = form.url === GITLAB_COM ? 'com' : 'self'
  return (
    <>
      <Choices<Host> legend="Host" value="gitlab" options={HOSTS} onChange={() => undefined} />
      <Choices<Place>
        legend="Installation"
        value={place}
        options={PLACES}
        onChange={(next) => onChange({ ...form, url: next === 'com' ? GITLAB_COM : '' })}
      />
      {place === 'com' ? null : (
        <TextInput
          label="Host URL"
          type="url"
          value={form.url}
          error={errors.url}
          required
          placeholder="https://gitlab.example.com"
          onChange={(url) => onChange({ ...form, url })}
          hint="As you open it in the browser, with its path if it has one."
        />
      )}
      <TextInput
        label="Team or user account"
        value={form.owner}
        error={errors.owner}
        placeholder="acme/platform"
        onChange={(text) => onChange(withOwner(form, text))}
        hint="Path of a group, a subgroup or a user; you can paste its address. Empty: everything that the token can read."
      />
      <TextInput
        label="Name"
        value={form.name}
        error={errors.name ?? errors.id}
        placeholder={nameOf(form)}
        onChange={(name) => onChange({ ...form, name })}
        hint="As it is listed under DVCS accounts."
      />
    </>
  )
}
