import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { strToU8, zipSync, type Zippable } from 'fflate'
import { packageRoot } from '../../lib/package-root.ts'
import { toDescriptor } from './descriptor.ts'
import { MANIFEST } from './manifest.ts'
import { toHosts, toPanelHtml } from './panel-html.ts'
import { joinPanelScript, SCRIPT_PARTS } from './panel-script.ts'
import { toPluginVersion } from './plugin-version.ts'
import { toPropertiesText } from './properties-text.ts'

export interface JiraAppOptions {
  /** Of the connector, as in package.json. */
  readonly version: string
  /** Public address of the connector, without a slash at the end: the administration's menu leads there. */
  readonly serverUrl: string
  /** Addresses of the Git hosts whose links the panel follows, in any form and order. */
  readonly hosts: readonly string[]
}

export interface JiraApp {
  /** As Jira shows it. */
  readonly version: string
  /** `jira-dvcs-<version>.jar` */
  readonly fileName: string
  /** Addresses that the panel links to directly, beside the connector's own: sorted, each once. */
  readonly hosts: readonly string[]
  /** The same bytes for the same options, on every machine. */
  readonly jar: Uint8Array
}

/**
 * DOS times have no time zone: fflate writes the local one, so the same bytes come only of a time given as local. The earliest
 * day a zip can hold, at noon, which no zone skips.
 */
const ENTRY_TIME = new Date(1980, 0, 1, 12)

/**
 * The Jira app: a jar without Java classes. The connector's address and those of the Git hosts tie it to its connector: the panel
 * links nowhere else, whatever the issue property says.
 *
 * @throws ConnectorError `jira-app-address-invalid`
 */
export function buildJiraApp({ version, serverUrl, hosts }: JiraAppOptions): JiraApp {
  const pluginVersion = toPluginVersion(version)
  const entries: readonly (readonly [string, Uint8Array])[] = [
    ['META-INF/MANIFEST.MF', strToU8(MANIFEST)],
    ['atlassian-plugin.xml', strToU8(toDescriptor({ version: pluginVersion, serverUrl }))],
    ['css/panel.css', read('css/panel.css')],
    ['html/panel.html', strToU8(toPanelHtml({ serverUrl, hosts }))],
    ['i18n/dvcs.properties', strToU8(toPropertiesText(readText('i18n/dvcs.properties')))],
    ['images/icon.png', read('images/icon.png')],
    ['images/logo.png', read('images/logo.png')],
    ['js/panel.js', strToU8(joinPanelScript(SCRIPT_PARTS.map((name) => readText(`js/${name}`))))],
  ]
  const files: Zippable = Object.fromEntries(entries)
  const jar = zipSync(files, { level: 9, mtime: ENTRY_TIME })
  return { version: pluginVersion, fileName: `jira-dvcs-${pluginVersion}.jar`, hosts: toHosts(hosts), jar }
}

function read(name: string): Uint8Array {
  return readFileSync(join(packageRoot, 'jira-app', name))
}

function readText(name: string): string {
  return readFileSync(join(packageRoot, 'jira-app', name), 'utf8')
}
