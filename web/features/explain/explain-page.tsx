import { useSearch } from '@tanstack/react-router'
import { Page, Section } from '../../ui/page.tsx'
import { Explanation } from './explanation.tsx'
import { ReferenceForm } from './reference-form.tsx'
import { VisibilityForm } from './visibility-form.tsx'

/** Why something is, or is not, on an issue; and why somebody does not see it. */
export function ExplainPage() {
  const { ref = '' } = useSearch({ strict: false })
  return (
    <Page
      title="Why?"
      intro="Why is a commit, a branch or a pull request on an issue, or not? Each step from the Git host to Jira, and where it ended."
    >
      <ReferenceForm key={ref} initial={ref} />
      {ref === '' ? null : <Explanation reference={ref} />}
      <Section title="Why does somebody not see the panel?">
        <VisibilityForm />
      </Section>
    </Page>
  )
}
