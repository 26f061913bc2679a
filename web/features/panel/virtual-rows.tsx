import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useRef, useState, type ReactNode, type RefObject } from 'react'
import { entryKey, type Entry, type Kind } from './development.ts'
import type { RowPlace } from './row-place.ts'

const ESTIMATED_ROW_PX = 45
/** So many more above and below, for the keyboard and for quick scrolling. */
const ROWS_AROUND = 15

interface VirtualRowsProps<K extends Kind> {
  readonly entries: readonly Entry<K>[]
  readonly children: (entry: Entry<K>, place: RowPlace) => ReactNode
}

/** The rows near what is seen of a long table, with room for the others. */
export function VirtualRows<K extends Kind>({ entries, children }: VirtualRowsProps<K>) {
  const start = useRef<HTMLTableSectionElement>(null)
  const scrollMargin = useDistanceFromTop(start)
  // oxlint-disable-next-line react/incompatible-library -- nothing here is memoized
  const virtualizer = useWindowVirtualizer({
    count: entries.length,
    estimateSize: () => ESTIMATED_ROW_PX,
    overscan: ROWS_AROUND,
    scrollMargin,
    getItemKey: (index) => {
      const entry = entries[index]
      return entry === undefined ? index : entryKey(entry)
    },
  })
  const items = virtualizer.getVirtualItems()
  const before = (items[0]?.start ?? scrollMargin) - scrollMargin
  const after = virtualizer.getTotalSize() - ((items.at(-1)?.end ?? scrollMargin) - scrollMargin)
  return (
    <>
      <tbody ref={start} aria-hidden="true" />
      <Room height={before} />
      {items.map(({ index }) => {
        const entry = entries[index]
        return entry === undefined ? null : children(entry, { index, measure: virtualizer.measureElement })
      })}
      <Room height={after} />
    </>
  )
}

function Room({ height }: { readonly height: number }) {
  if (height <= 0) return null
  return (
    <tbody aria-hidden="true">
      <tr style={{ height }} />
    </tbody>
  )
}

/** Of an element in the whole page, also after something above it has grown. */
function useDistanceFromTop(element: RefObject<HTMLElement>): number {
  const [distance, setDistance] = useState(0)
  useLayoutEffect(() => {
    const measure = () => {
      const box = element.current?.getBoundingClientRect()
      if (box !== undefined) setDistance(Math.round(box.top + window.scrollY))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [element])
  return distance
}
