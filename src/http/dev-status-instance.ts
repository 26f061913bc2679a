/** Jira's name of the application type, and what people read, by kind of Git host. Scripts pass the key back as it is. */
export const INSTANCE_TYPES: Readonly<Record<string, { readonly type: string; readonly name: string }>> = {
  gitlab: { type: 'GitLab', name: 'GitLab' },
}

/** `2026-05-08T13:44:52.000+0000`, as Jira prints times. */
export function toJiraTime(time: string): string {
  return new Date(time).toISOString().replace('Z', '+0000')
}

export const toNullableJiraTime = (time: string | null): string | null => (time === null ? null : toJiraTime(time))
