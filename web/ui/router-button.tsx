import { LinkButton } from '@atlaskit/button/new'
import { useRouter, type LinkProps } from '@tanstack/react-router'
import type { MouseEvent, ReactNode } from 'react'

interface RouterButtonProps {
  readonly to: NonNullable<LinkProps['to']>
  readonly appearance?: 'default' | 'primary' | 'subtle'
  readonly children: ReactNode
}

/** A link that looks like a button and opens a page of ours, in another tab if somebody wants that. */
export function RouterButton({ to, appearance = 'default', children }: RouterButtonProps) {
  const router = useRouter()
  const { href } = router.buildLocation({ to })
  const open = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    void router.navigate({ to })
  }
  return (
    <LinkButton href={router.history.createHref(href)} appearance={appearance} onClick={open}>
      {children}
    </LinkButton>
  )
}
