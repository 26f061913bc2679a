import type { Reader, Tx } from '../database.ts'
import { insertRows } from '../insert-rows.ts'

/** A project of the connected Jira. */
export interface JiraProject {
  readonly id: string
  readonly key: string
  readonly formerKeys: readonly string[]
  readonly name: string
}

/** Replaces the list of projects after a complete listing; returns the keys that were not known before. */
export async function replaceProjects(tx: Tx, projects: readonly JiraProject[]): Promise<string[]> {
  const before = new Set(await listProjectKeys(tx))
  const rows = projects.flatMap((project) => [
    { key: project.key, jira_id: project.id, name: project.name, former: 0 as const },
    ...project.formerKeys
      .filter((key) => key !== project.key)
      .map((key) => ({ key, jira_id: project.id, name: project.name, former: 1 as const })),
  ])
  // A former key that another project uses today belongs to that project.
  const unique = new Map(rows.sort((a, b) => b.former - a.former).map((row) => [row.key, row]))
  await tx.deleteFrom('projects').execute()
  await insertRows(tx, {
    table: 'projects',
    columns: { key: 'text', jira_id: 'text', name: 'text', former: 'bigint' },
    values: [...unique.values()].flatMap(({ key, jira_id, name, former }) => [key, jira_id, name, former]),
    onConflict: '',
  })
  return [...unique.keys()].filter((key) => !before.has(key))
}

/** Every key that counts: today's and former ones. */
export async function listProjectKeys(db: Reader): Promise<string[]> {
  const rows = await db.selectFrom('projects').select('key').execute()
  return rows.map(({ key }) => key)
}

/** Every key that a project has or had, by Jira's id of it; none: it is not known yet. One that another project uses today is that one's. */
export async function listKeysOfProject(db: Reader, jiraId: string): Promise<string[]> {
  const rows = await db.selectFrom('projects').select('key').where('jira_id', '=', jiraId).orderBy('key').execute()
  return rows.map(({ key }) => key)
}
