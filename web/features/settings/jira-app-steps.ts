/** Versions of Jira that take an app in different ways. */
export type JiraLine = '8-9' | '10' | '11'

export const JIRA_LINES: readonly { readonly line: JiraLine; readonly label: string }[] = [
  { line: '8-9', label: 'Jira 8.14 to 9' },
  { line: '10', label: 'Jira 10' },
  { line: '11', label: 'Jira 11' },
]

/** Of a version such as 10.3.5; null: not known. What comes after 11 is taken for like it. */
export function toJiraLine(version: string | null): JiraLine | null {
  const major = Number.parseInt(version ?? '', 10)
  if (Number.isNaN(major)) return null
  if (major < 10) return '8-9'
  return major === 10 ? '10' : '11'
}
