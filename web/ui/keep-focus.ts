import { useEffect, useLayoutEffect, useRef, useState } from 'react'

/**
 * Remembers what has the focus now. What it returns gives the focus back if nothing else has it then: to the same element, or,
 * if that is gone as a deleted row is, to the heading above it. Else a keyboard would begin at the start of the page again.
 */
export function holdFocus(): () => void {
  const held = document.activeElement
  const places = listPlaces(held)
  return () => {
    const { activeElement } = document
    if (activeElement !== null && activeElement !== document.body) return
    if (held instanceof HTMLElement && held.isConnected) held.focus()
    else focusHeading(places)
  }
}

/** In a dialog: what opened it may be gone when it closes. */
export function useFocusAfterDialog(): void {
  const [giveBack] = useState(holdFocus)
  useEffect(
    () => () => {
      // The dialog itself comes first.
      setTimeout(giveBack)
    },
    [giveBack],
  )
}

/** For what is disabled while it is busy, or gone afterwards: browsers take the focus from a control that is disabled. */
export function useFocusThroughout(busy: boolean): void {
  const giveBack = useRef<(() => void) | null>(null)
  // While the page is still as it was: in an effect the control would be disabled already.
  if (busy) giveBack.current ??= holdFocus()
  useLayoutEffect(() => {
    if (busy) return
    giveBack.current?.()
    giveBack.current = null
  }, [busy])
}

/** Parts of the page around an element, the innermost first. */
function listPlaces(element: Element | null): Element[] {
  const places: Element[] = []
  let place = element?.closest('section, main') ?? null
  while (place !== null) {
    places.push(place)
    place = place.parentElement?.closest('section, main') ?? null
  }
  return places
}

function focusHeading(places: readonly Element[]): void {
  for (const place of places) {
    const heading = place.isConnected ? place.querySelector('h1, h2') : null
    if (!(heading instanceof HTMLElement)) continue
    heading.tabIndex = -1
    heading.focus()
    return
  }
}
