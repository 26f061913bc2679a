import { toPlainAddress } from './plain-address.ts'

export interface PanelPlaces {
  /** Public address of the connector, without a slash at the end. */
  readonly serverUrl: string
  /** Addresses of Git hosts, in any form and order. */
  readonly hosts: readonly string[]
}

/**
 * The panel's element, which the script fills. It says where links may lead: the issue property cannot, because whoever may edit
 * an issue can write it.
 */
export function toPanelHtml({ serverUrl, hosts }: PanelPlaces): string {
  const places = `data-base="${toAttribute(toPlainAddress(serverUrl) ?? '')}" data-hosts="${toAttribute(toHosts(hosts).join(' '))}"`
  return `<div class="jira-dvcs-panel" data-jira-dvcs-panel ${places}></div>\n`
}

/** Each once, sorted: the same hosts give the same bytes. What is no plain address is left out. */
export function toHosts(addresses: readonly string[]): string[] {
  const plain = addresses.map(toPlainAddress).filter((address) => address !== null)
  return [...new Set(plain)].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function toAttribute(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}
