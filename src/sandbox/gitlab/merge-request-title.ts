const DRAFT = /^\s*(?:\[draft\]|\(draft\)|draft:)\s*/i

/** GitLab keeps a draft by its title alone. */
export function isDraft(title: string): boolean {
  return DRAFT.test(title)
}

export function withDraft(title: string, draft: boolean): string {
  const plain = title.replace(DRAFT, '')
  return draft ? `Draft: ${plain}` : plain
}
