import { useLocation } from '@tanstack/react-router'
import { useEffect, useRef, type RefObject } from 'react'

/** Where a line of links is wider than the window, the one of this page is scrolled into it. */
export function useCurrentInView(): RefObject<HTMLElement> {
  const line = useRef<HTMLElement>(null)
  const { pathname } = useLocation()
  useEffect(() => {
    const current = line.current?.querySelector('[aria-current]')
    if (!(current instanceof HTMLElement) || line.current === null) return
    const { left, width } = line.current.getBoundingClientRect()
    const place = current.getBoundingClientRect()
    if (place.left < left || place.right > left + width) line.current.scrollLeft += place.left - left - width / 4
  }, [pathname])
  return line
}
