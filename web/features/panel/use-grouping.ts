import { useState } from 'react'

const KEY = 'panel-one-list'

/** By repository, or one list; remembered in this browser. */
export function useGrouping(): readonly [boolean, (grouped: boolean) => void] {
  const [grouped, setGrouped] = useState(readGrouping)
  return [
    grouped,
    (next) => {
      setGrouped(next)
      saveGrouping(next)
    },
  ]
}

function readGrouping(): boolean {
  try {
    return localStorage.getItem(KEY) === null
  } catch {
    // A browser that keeps nothing.
    return true
  }
}

function saveGrouping(grouped: boolean): void {
  try {
    if (grouped) localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, 'yes')
  } catch {
    // Kept for this page only.
  }
}
