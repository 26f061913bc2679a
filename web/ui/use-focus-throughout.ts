import { useLayoutEffect, useRef } from 'react'

/** For a control that is disabled while it is busy: browsers take the focus from it, and a keyboard would begin at the start of the page. */
export function useFocusThroughout(busy: boolean): void {
  const held = useRef<Element | null>(null)
  // While the page is still as it was: in an effect the control would be disabled already.
  if (busy) held.current ??= document.activeElement
  useLayoutEffect(() => {
    if (busy) return
    const element = held.current
    held.current = null
    const nothingElse = document.activeElement === null || document.activeElement === document.body
    if (nothingElse && element instanceof HTMLElement && element.isConnected) element.focus()
  }, [busy])
}
