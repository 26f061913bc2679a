import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Page } from '../../ui/page.tsx'
import { RouterButton } from '../../ui/router-button.tsx'
import { Empty, QueryView } from '../../ui/states.tsx'
import { triggersQuery } from './queries.ts'
import { RuleList } from './rule-list.tsx'
import { RunLog } from './run-log.tsx'
import { TemplateList } from './template-list.tsx'
import styles from './triggers.module.css'

/** Rules that move issues by what happens at the Git hosts, and what they did. */
export function TriggersPage() {
  const query = useQuery(triggersQuery)
  return (
    <Page
      title="Workflow triggers"
      actions={
        <RouterButton to="/triggers/new" appearance="primary">
          Add trigger
        </RouterButton>
      }
      intro={
        <>
          They move issues through their workflow, or comment on them, when something happens at a Git host. For each issue the
          first trigger that fits acts, from top to bottom.{' '}
          <Link to="/docs/$name" params={{ name: 'workflow-triggers' }} className={styles['inText']}>
            How they work
          </Link>
        </>
      }
    >
      <QueryView query={query}>
        {({ items }) => (
          <>
            {items.length === 0 ? <NoRules /> : <RuleList rules={items} />}
            <RunLog rules={items} />
          </>
        )}
      </QueryView>
    </Page>
  )
}

function NoRules() {
  return (
    <>
      <Empty title="No workflow triggers yet">
        Triggers that are set in Jira’s own workflows do not work with GitLab; these do. Only what happens from now on counts:
        nothing is moved because of old commits, a first import, or anything older than two weeks. Begin with one of the usual
        four: each opens a form that you can change and try before it is saved.
      </Empty>
      <TemplateList />
    </>
  )
}
