import type { RepositoryJson } from '../../../../src/contract/repository.ts'

interface Page {
  readonly items: readonly RepositoryJson[]
  readonly next: string | null
}

/**
 * Loaded pages with what is newer. Rows stay where they are, also when a filter would not find them any more: what
 * somebody looks at does not run away. Pages without a change stay the same object.
 */
export function mergeRepositories(pages: readonly Page[], changes: ReadonlyMap<string, RepositoryJson>): readonly Page[] {
  let changed = false
  const merged = pages.map((page) => {
    if (!page.items.some(({ id }) => changes.has(id))) return page
    changed = true
    return { ...page, items: page.items.map((item) => changes.get(item.id) ?? item) }
  })
  return changed ? merged : pages
}
