import type { DevelopmentEvent, EventPlace } from './trigger.ts'

/** What a template of a comment may name. */
export const COMMENT_PLACEHOLDERS = [
  'issue',
  'title',
  'url',
  'author',
  'branch',
  'targetBranch',
  'environment',
  'repository',
] as const

export type CommentPlaceholder = (typeof COMMENT_PLACEHOLDERS)[number]

const PLACEHOLDER = /\$\{([^}]*)\}/g

/** Names in a template that stand for nothing. */
export function findUnknownPlaceholders(template: string): string[] {
  const names = [...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name)
  return [...new Set(names.filter((name) => !isPlaceholder(name)))]
}

/**
 * Fills a template. What strangers wrote is escaped, so that it reads as it is and neither mentions people nor runs macros;
 * an address stays one that can be clicked. A value that the event does not have becomes nothing.
 */
export function fillComment(
  template: string,
  { happened, place, issue }: { readonly happened: DevelopmentEvent; readonly place: EventPlace; readonly issue: string },
  escape: { readonly text: (text: string) => string; readonly url: (address: string) => string },
): string {
  const { facts } = happened
  const values: Readonly<Record<CommentPlaceholder, string | null>> = {
    issue,
    title: facts.title,
    url: facts.url,
    author: facts.author,
    branch: facts.branch,
    targetBranch: facts.targetBranch,
    environment: facts.environment,
    repository: place.repository,
  }
  return template.replace(PLACEHOLDER, (whole, name: string) => {
    if (!isPlaceholder(name)) return whole
    return (name === 'url' ? escape.url : escape.text)(values[name] ?? '')
  })
}

function isPlaceholder(name: string): name is CommentPlaceholder {
  return (COMMENT_PLACEHOLDERS as readonly string[]).includes(name)
}
