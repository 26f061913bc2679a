import type { ReactNode, Ref } from 'react'

export interface ScrollBoxProps {
  readonly label: string
  readonly role?: 'region' | 'log'
  readonly className?: string | undefined
  readonly box?: Ref<HTMLDivElement>
  readonly children: ReactNode
}

/** What scrolls in its own box, by keys too (WCAG 2.1.1). */
export function ScrollBox({ label, role = 'region', className, box, children }: ScrollBoxProps) {
  return (
    <div ref={box} role={role} aria-label={label} tabIndex={0} className={className}>
      {children}
    </div>
  )
}
