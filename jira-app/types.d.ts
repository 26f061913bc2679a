/** Types of the scripts in jira-app/js, which have no modules because Jira joins them into one file. */
type JiraDvcsFields = { [field: string]: unknown }
type JiraDvcsKind = 'branches' | 'commits' | 'pullRequests' | 'builds' | 'deployments'

interface JiraDvcsEntry {
  /** Name of its repository. */
  repository: string
  /** Address of the repository as it was told. */
  url: string
  value: JiraDvcsFields
}

/** Where the links of one issue may lead; nothing in the property decides it. */
interface JiraDvcsAddresses {
  /** The issue's own page in the connector; null: the page does not tell the key. */
  panel: string | null
  /** null: no web address. Not direct: it leads elsewhere than to a known host, so the panel's page takes its place. */
  find(value: unknown): { href: string; isDirect: boolean } | null
}

/** The issue property, read so that nothing in it can do harm. */
interface JiraDvcsDevelopment {
  issue: string
  asOf: Date | null
  addresses: JiraDvcsAddresses
  truncated: boolean
  counts: { [kind in JiraDvcsKind]: number }
  summary: JiraDvcsFields
  entries: { [kind in JiraDvcsKind]: JiraDvcsEntry[] }
}

interface JiraDvcsIssue {
  /** Numeric id, or the key where the page tells no id. */
  id: string
  key: string
}

interface JiraDvcsPanel {
  issue: JiraDvcsIssue
  request: AbortController | null
  /** The last answer, to notice a change. */
  text: string
  development: JiraDvcsDevelopment | null
  problem: string | null
  askedAt: number
  failures: number
}

interface JiraDvcsColumn {
  label: string
  className?: string
  cell: (entry: JiraDvcsEntry) => Node | string
}

interface JiraDvcs {
  isRunning?: boolean
  addressesOf(container: Element, key: string): JiraDvcsAddresses
  data: {
    fieldsOf(value: unknown): JiraDvcsFields
    listOf(value: unknown): unknown[]
    textOf(value: unknown): string
    countOf(value: unknown): number
    dateOf(value: unknown): Date | null
    toDevelopment(issue: JiraDvcsIssue, addresses: JiraDvcsAddresses, value: unknown): JiraDvcsDevelopment
  }
  elements: {
    make<Tag extends keyof HTMLElementTagNameMap>(
      tag: Tag,
      attributes: { [attribute: string]: string },
      ...children: (Node | string | null)[]
    ): HTMLElementTagNameMap[Tag]
    link(addresses: JiraDvcsAddresses, address: unknown, text: string): HTMLElement
    lozenge(text: string, colour: string, title?: string): HTMLElement
    ago(date: Date): string
    when(date: Date | null, absent?: string): Node
    clockTime(date: Date): string
    counted(count: number, one: string, many: string): string
  }
  details: {
    show(container: Element, panel: JiraDvcsPanel, kind: JiraDvcsKind): void
    refresh(): void
    openPanel(): JiraDvcsPanel | null
    setOpener(container: Element): void
  }
}

interface Window {
  jiraDvcs: JiraDvcs
  contextPath?: unknown
  AJS?: { contextPath?: () => unknown }
  JIRA?: { bind?: (event: string, react: () => void) => void; Events?: { ISSUE_REFRESHED?: unknown } }
}
