import type { ReactNode } from 'react'
import { isWebAddress } from './web-address.ts'

/** A link out of the connector, to a Git host or to Jira; an address that is not of the web is shown as text. */
export function ExternalLink({ href, className, children }: ExternalLinkProps) {
  if (!isWebAddress(href)) return <span className={className}>{children}</span>
  return (
    <a href={href} className={className} target="_blank" rel="noreferrer">
      {children}
    </a>
  )
}

export interface ExternalLinkProps {
  readonly href: string
  readonly className?: string | undefined
  readonly children: ReactNode
}
