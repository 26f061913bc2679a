import { toVisibleText } from './visible-text.ts'

export interface StrangerTextProps {
  readonly children: string
  readonly className?: string | undefined
  /** Instead of nothing. */
  readonly empty?: string
}

/** A text that somebody else wrote: it keeps its own direction, and what is invisible in it is spelled out. */
export function StrangerText({ children, className, empty = '(empty)' }: StrangerTextProps) {
  const text = toVisibleText(children)
  return <bdi className={className}>{text.trim() === '' ? empty : text}</bdi>
}
