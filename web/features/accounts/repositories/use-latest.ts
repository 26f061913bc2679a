import { useEffect, useRef } from 'react'

/** What the component last drew, for functions that must stay the same. */
export function useLatest<Value>(value: Value): { readonly current: Value } {
  const latest = useRef(value)
  useEffect(() => {
    latest.current = value
  })
  return latest
}
