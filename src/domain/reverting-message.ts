/** Git's and GitLab's subject of such a commit; "Reapply": Git's own (2.43 and later) for one that takes a revert back. */
const SUBJECT = /^(?:Revert|Reapply) "/
/** What Git, also with `--reference`, and GitLab write below it. */
const BODY = /^This reverts (?:commit [0-9a-f]{7,64}|merge request \S*![0-9]+)/m
/** A merge commit has the title of its merge request behind its subject. */
const TITLE = new RegExp(SUBJECT.source, 'm')

/**
 * Whether a commit takes another one back, by its message: this quotes what that one said, commands of smart commits included.
 *
 * @param commit `message` in full; `merge`: it has several parents
 */
export function isReverting({ message, merge }: { readonly message: string; readonly merge: boolean }): boolean {
  return (merge ? TITLE : SUBJECT).test(message) || BODY.test(message)
}
