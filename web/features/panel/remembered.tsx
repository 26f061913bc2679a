import { createContext, useContext, useState, type ReactNode } from 'react'

const Memory = createContext<Map<string, boolean>>(new Map())

/** What is open stays open while its row is scrolled away, which takes the row out of the page. */
export function RowMemory({ children }: { readonly children: ReactNode }) {
  const [memory] = useState(() => new Map<string, boolean>())
  return <Memory.Provider value={memory}>{children}</Memory.Provider>
}

export function useRemembered(id: string): readonly [boolean, (open: boolean) => void] {
  const memory = useContext(Memory)
  const [open, setOpen] = useState(memory.get(id) ?? false)
  return [
    open,
    (next) => {
      memory.set(id, next)
      setOpen(next)
    },
  ]
}
