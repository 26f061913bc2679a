import { LinkButton } from '@atlaskit/button/new'
import { useQuery } from '@tanstack/react-query'
import type { JiraAppJson } from '../../../src/contract/jira-app.ts'
import { connectorUrl } from '../../ui/api.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { Section } from '../../ui/page.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { StateLozenge, type Tone } from '../../ui/state-lozenge.tsx'
import { QueryView } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { JiraAppInstallation } from './jira-app-installation.tsx'
import { jiraAppQuery } from './queries.ts'
import styles from './parts.module.css'

/** The app that draws the panel in Jira: to download, with its signature, how to install it, and what Jira has. */
export function JiraAppPart() {
  const query = useQuery(jiraAppQuery)
  return (
    <>
      <Section title="Jira app">
        <p className={styles['note']}>
          It draws the Development panel on the issues in Jira, gives JQL names such as <code>dvcsOpenPullRequests</code>, and
          adds “DVCS accounts” to Jira’s administration. Without it Jira holds the information and shows nothing.
        </p>
        <QueryView query={query}>
          {(app) => (
            <>
              <AppFacts app={app} />
              <Downloads app={app} />
            </>
          )}
        </QueryView>
      </Section>
      {query.data === undefined ? null : (
        <>
          <Signature app={query.data} />
          <JiraAppInstallation app={query.data} />
        </>
      )}
    </>
  )
}

function Downloads({ app }: { readonly app: JiraAppJson }) {
  return (
    <div className={styles['buttons']}>
      <LinkButton appearance="primary" href={connectorUrl('api/v1/jira-app/jar')} download={app.fileName}>
        Download the app
      </LinkButton>
      <LinkButton href={connectorUrl('api/v1/jira-app/certificate')} download={app.certificate.fileName}>
        Download the certificate
      </LinkButton>
    </div>
  )
}

function Signature({ app }: { readonly app: JiraAppJson }) {
  return (
    <Section title="Signature">
      <p className={styles['note']}>
        Jira 11 takes an app only with its signature, and only if it trusts the certificate. Earlier versions do so when told to.
      </p>
      <div className={styles['form']}>
        <CopyField label="Signature" value={app.signature} hint="Of the jar’s bytes, Ed25519, for Jira’s upload dialog." />
      </div>
      <dl className={styles['facts']}>
        <dt>SHA-256 of the jar</dt>
        <dd className={styles['code']}>{app.sha256}</dd>
        <dt>Certificate</dt>
        <dd>
          {app.certificate.subject}, ends <Time at={app.certificate.validTo} />
        </dd>
        <dt>Its fingerprint</dt>
        <dd className={styles['code']}>{app.certificate.fingerprint}</dd>
      </dl>
    </Section>
  )
}

function AppFacts({ app }: { readonly app: JiraAppJson }) {
  const { problem } = app.installed
  return (
    <>
      {problem === null ? null : (
        <div className={styles['message']}>
          <ProblemNote title="Jira does not tell whether it has the app" problem={problem} appearance="warning" />
        </div>
      )}
      <dl className={styles['facts']}>
        <dt>In Jira</dt>
        <dd>
          <Installed installed={app.installed} />
        </dd>
        <dt>Made here</dt>
        <dd>
          {app.version} ({app.fileName}, {Math.ceil(app.size / 1024)} KiB)
        </dd>
        <dt>Menu entry leads to</dt>
        <dd>
          {app.address}
          {isOnlyHere(app.address) ? (
            <p className={styles['remedy']}>
              Only that machine knows this address. Set <code>server.url</code>, restart, and download the app then.
            </p>
          ) : null}
        </dd>
        <dt>Panel links to</dt>
        <dd>
          <Hosts hosts={app.hosts} />
        </dd>
      </dl>
    </>
  )
}

function Hosts({ hosts }: Pick<JiraAppJson, 'hosts'>) {
  return (
    <>
      {hosts.length === 0 ? 'The connector alone: no account is linked yet.' : null}
      {hosts.length === 0 ? null : (
        <ul className={styles['places']}>
          {hosts.map((host) => (
            <li key={host}>{host}</li>
          ))}
        </ul>
      )}
      <p className={styles['remedy']}>
        Links to any other host lead to the issue in the connector. After you linked an account at another host, download the app
        again and install it over the old one.
      </p>
    </>
  )
}

const STATES: Readonly<Record<JiraAppJson['installed']['state'], { readonly tone: Tone; readonly label: string }>> = {
  'not-connected': { tone: 'neutral', label: 'No Jira connected' },
  absent: { tone: 'warning', label: 'Not installed' },
  disabled: { tone: 'danger', label: 'Disabled' },
  older: { tone: 'warning', label: 'Older' },
  current: { tone: 'success', label: 'Up to date' },
  newer: { tone: 'information', label: 'Newer' },
  different: { tone: 'neutral', label: 'Another version' },
  unknown: { tone: 'neutral', label: 'Not known' },
}

const WAYS_OUT: Partial<Readonly<Record<JiraAppJson['installed']['state'], string>>> = {
  absent: 'Nothing shows the panel yet. Install it as told below.',
  disabled: 'Enable it in Jira under Manage apps.',
  older: 'It works; upload the new one when it suits you.',
  newer: 'Another connector, or a later version of this one, made it.',
}

function Installed({ installed: { state, version } }: Pick<JiraAppJson, 'installed'>) {
  const { tone, label } = STATES[state]
  return (
    <>
      <StateLozenge tone={tone}>{label}</StateLozenge> {version}
      {WAYS_OUT[state] === undefined ? null : <p className={styles['remedy']}>{WAYS_OUT[state]}</p>}
    </>
  )
}

/** An address of the machine itself, looked at from another one. */
function isOnlyHere(address: string): boolean {
  const { hostname } = new URL(address)
  return /^(localhost|127\..*|\[::1\])$/.test(hostname) && hostname !== window.location.hostname
}
