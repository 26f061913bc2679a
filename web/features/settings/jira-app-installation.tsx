import Tabs, { Tab, TabList, TabPanel } from '@atlaskit/tabs'
import { Link } from '@tanstack/react-router'
import type { JiraAppJson } from '../../../src/contract/jira-app.ts'
import { Section } from '../../ui/page.tsx'
import { JIRA_LINES, toJiraLine, type JiraLine } from './jira-app-steps.ts'
import styles from './parts.module.css'

/** How an administrator of Jira brings the app there, by Jira's version; the connected one's is open. */
export function JiraAppInstallation({ app }: { readonly app: JiraAppJson }) {
  const own = toJiraLine(app.jiraVersion)
  const first = Math.max(
    0,
    JIRA_LINES.findIndex(({ line }) => line === own),
  )
  return (
    <Section title={app.installed.version === null ? 'Install it' : 'Install or update it'}>
      <p className={styles['note']}>
        {app.jiraVersion === null ? 'Choose the version of your Jira.' : `The connected Jira has the version ${app.jiraVersion}.`}{' '}
        An update is the same: upload the new jar over the old one. Nothing else is lost or needed.
      </p>
      <div className={styles['message']}>
        <Tabs id="jira-app-installation" defaultSelected={first}>
          <TabList>
            {JIRA_LINES.map(({ line, label }) => (
              <Tab key={line}>{label}</Tab>
            ))}
          </TabList>
          {JIRA_LINES.map(({ line }) => (
            <TabPanel key={line}>
              <div className={styles['panel']}>
                <Steps line={line} app={app} />
              </div>
            </TabPanel>
          ))}
        </Tabs>
      </div>
      <p className={styles['note']}>
        Uploads not allowed at all? Copy the jar to <code>plugins/installed-plugins/</code> in Jira’s shared home and restart
        every node.
      </p>
      <p className={styles['note']}>
        <Link to="/docs/$name" params={{ name: 'jira-app' }}>
          More about the app, and what each message of Jira means
        </Link>
      </p>
    </Section>
  )
}

interface StepsProps {
  readonly line: JiraLine
  readonly app: JiraAppJson
}

function Steps({ line, app }: StepsProps) {
  return (
    <ol className={styles['instructions']}>
      {line === '11' ? (
        <li>
          Jira 11 checks signatures: <Trust app={app} />
        </li>
      ) : null}
      {line === '8-9' ? null : (
        <li>
          Jira {line} hides the upload: <Switch />
        </li>
      )}
      <li>
        In Jira, as a system administrator: <b>Administration &gt; Manage apps &gt; Upload app</b>. Choose {app.fileName}
        {line === '11' ? ' and paste the signature into the field “Signature”' : ''}.
      </li>
      {line === '8-9' ? (
        <li>
          No button “Upload app”? Late versions of 9.4 and 9.12 hide it: <Switch />
        </li>
      ) : null}
      {line === '10' ? (
        <li>
          From 10.5 on Jira can check signatures; it does not unless somebody switched that on. If it does: <Trust app={app} />{' '}
          Then paste the signature when you upload.
        </li>
      ) : null}
      <li>
        Open an issue. People see the panel if the project’s permission scheme grants them <b>View Development Tools</b>;
        administrators often lack it.
      </li>
    </ol>
  )
}

function Switch() {
  return (
    <>
      add <code className={styles['nowrap']}>-Dupm.plugin.upload.enabled=true</code> to <code>JVM_SUPPORT_RECOMMENDED_ARGS</code>{' '}
      in <code>bin/setenv.sh</code> on every node and restart. Take it out again when you are done, if you like.
    </>
  )
}

function Trust({ app }: { readonly app: JiraAppJson }) {
  return (
    <>
      put {app.certificate.fileName} into <code>upmconfig/truststore/</code> in Jira’s shared home (else its home). The folder and
      the file must belong to root, not to the user that runs Jira, with the modes 755 and 644. No restart is needed, and later
      versions of the app are signed with the same key.
    </>
  )
}
