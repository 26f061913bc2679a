import { Link } from '@tanstack/react-router'
import { Section } from '../../ui/page.tsx'
import { AccountTrust } from './account-trust.tsx'
import { AliasList } from './alias-list.tsx'
import { NewAlias } from './new-alias.tsx'
import { ProjectTrust } from './project-trust.tsx'
import styles from './parts.module.css'

/** Whose smart commits are executed, and whose commits are whose. */
export function SmartCommitsPart() {
  return (
    <>
      <Section title="Whose smart commits are executed">
        <p className={styles['note']}>
          Anybody who may push can write any name and address into a commit. What is enough is set for each account, and for
          single projects of Jira below.{' '}
          <Link to="/docs/$name" params={{ name: 'smart-commits' }} className={styles['inText']}>
            What the levels mean
          </Link>
        </p>
        <AccountTrust />
      </Section>
      <Section title="Projects with a level of their own">
        <p className={styles['note']}>For issues of these projects it counts instead of the account’s, stricter or looser.</p>
        <ProjectTrust />
      </Section>
      <Section title="Addresses of authors">
        <p className={styles['note']}>
          Commits belong to the user of Jira who has their e-mail address. Where somebody commits with another one, it is said
          here. People who sign in with their account of Jira ask for their addresses under Profile.
        </p>
        <AliasList />
      </Section>
      <Section title="Add an address">
        <NewAlias />
      </Section>
    </>
  )
}
