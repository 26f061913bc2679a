import { ConnectorError } from '../../lib/connector-error.ts'
import { ISSUE_PROPERTY_NAME } from '../issue-property.ts'
import { JIRA_APP_KEY } from '../jira-app-key.ts'
import { JQL_ALIASES } from './jql-aliases.ts'

export interface DescriptorOptions {
  /** As OSGi writes it. */
  readonly version: string
  /** Public address of the connector, without a slash at the end. */
  readonly serverUrl: string
}

const CONDITIONS = 'com.atlassian.jira.plugin.webfragment.conditions'

/**
 * `atlassian-plugin.xml`: what the app adds to Jira.
 *
 * - The panel on the issue, for who has View Development Tools. Content is static, because newer versions of Jira restrict what
 *   templates may call; the script fills it.
 * - Script and style on the issue's page and beside a board. No dependencies: one that some version of Jira does not have
 *   would keep the whole resource away.
 * - *DVCS accounts* in the administration, for Jira administrators. Jira runs an address with `$` or `#` through its template
 *   engine, so none may hold one.
 * - What JQL may ask for.
 *
 * @throws ConnectorError `jira-app-address-invalid`
 */
export function toDescriptor({ version, serverUrl }: DescriptorOptions): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<atlassian-plugin key="${JIRA_APP_KEY}" name="DVCS connector" plugins-version="2">
  <plugin-info>
    <description>Shows the commits, branches, pull requests, builds and deployments of an issue.</description>
    <version>${toXml(version)}</version>
    <vendor name="jira-dvcs"/>
    <param name="atlassian-data-center-status">compatible</param>
    <param name="atlassian-data-center-compatible">true</param>
    <param name="plugin-icon">images/icon.png</param>
    <param name="plugin-logo">images/logo.png</param>
  </plugin-info>
  <resource type="i18n" name="i18n" location="i18n.dvcs"/>

  <web-panel key="dvcs-development-panel" location="atl.jira.view.issue.right.context" weight="45">
    <label key="jira-dvcs.panel.title"/>
    <resource name="view" type="static" location="html/panel.html"/>
    <condition class="${CONDITIONS}.HasIssuePermissionCondition">
      <param name="permission">viewversioncontrol</param>
    </condition>
  </web-panel>

  <web-resource key="panel">
    <resource type="download" name="panel.js" location="js/panel.js"/>
    <resource type="download" name="panel.css" location="css/panel.css"/>
    <context>jira.view.issue</context>
    <context>gh-rapid</context>
  </web-resource>

  <web-section key="jira-dvcs-admin-section" location="admin_applications_section" weight="900">
    <label key="jira-dvcs.admin.section"/>
  </web-section>
  <web-item key="jira-dvcs-admin-accounts" section="admin_applications_section/jira-dvcs-admin-section" weight="10">
    <label key="jira-dvcs.admin.accounts"/>
    <link linkId="jira-dvcs-accounts-link">${toXml(toAccountsAddress(serverUrl))}</link>
    <condition class="${CONDITIONS}.JiraGlobalPermissionCondition">
      <param name="permission">admin</param>
    </condition>
  </web-item>

  <index-document-configuration entity-key="IssueProperty" key="jira-dvcs-index">
    <key property-key="${ISSUE_PROPERTY_NAME}">
${JQL_ALIASES.map(({ path, type, name }) => `      <extract path="${path}" type="${type}" alias="${name}"/>`).join('\n')}
    </key>
  </index-document-configuration>
</atlassian-plugin>
`
}

/**
 * Where the administration's menu leads.
 *
 * @throws ConnectorError `jira-app-address-invalid`
 */
export function toAccountsAddress(serverUrl: string): string {
  const url = URL.canParse(serverUrl) ? new URL(`${serverUrl.replace(/\/+$/, '')}/accounts`) : null
  const plain = url !== null && url.username === '' && url.password === '' && url.search === ''
  if (plain && /^https?:$/.test(url.protocol) && !/[$#]/.test(url.href)) return url.href
  throw new ConnectorError('jira-app-address-invalid', {
    userMessage: `The Jira app cannot lead to the address ${url === null ? 'of the connector' : url.origin}: it is no plain http or https address.`,
    remedy: 'Set server.url to an address without "$", "#", "?" and credentials.',
  })
}

const XML_ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function toXml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => XML_ESCAPES[character] ?? '')
}
