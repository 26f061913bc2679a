import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { TriggerJson } from '../../../src/contract/trigger.ts'
import { Unseen } from '../../ui/unseen.tsx'
import { accountNamesQuery } from '../../ui/account-names.ts'
import { RuleRow } from './rule-row.tsx'
import { useOrder } from './use-order.ts'
import styles from './triggers.module.css'

interface Moved {
  readonly id: string
  readonly by: -1 | 1
}

/** The rules in the order in which they are tried. */
export function RuleList({ rules }: { readonly rules: readonly TriggerJson[] }) {
  const names = useQuery(accountNamesQuery).data
  const order = useOrder()
  const list = useRef<HTMLOListElement>(null)
  const [moved, setMoved] = useState<Moved | null>(null)
  const toFocus = useRef<Moved | null>(null)
  // A row that changes its place loses the focus in some browsers, and its button may be disabled at the end. Once only: the
  // list is also loaded again later.
  useEffect(() => {
    if (toFocus.current === null || list.current === null) return
    focusMove(list.current, toFocus.current)
    toFocus.current = null
  }, [rules])
  const place = moved === null ? -1 : rules.findIndex(({ id }) => id === moved.id)
  const move = (index: number, by: Moved['by']) => {
    const ids = rules.map(({ id }) => id)
    const [id] = ids.splice(index, 1)
    if (id === undefined) return
    ids.splice(index + by, 0, id)
    toFocus.current = { id, by }
    setMoved({ id, by })
    order.mutate(ids)
  }
  return (
    <>
      <ol ref={list} className={styles['rules']} aria-label="Workflow triggers, in their order">
        {rules.map((rule, index) => (
          <RuleRow
            key={rule.id}
            rule={rule}
            position={{ index, count: rules.length }}
            nameOfAccount={(id) => names?.get(id) ?? id}
            onMove={(by) => move(index, by)}
          />
        ))}
      </ol>
      <div role="status">
        <Unseen>{place === -1 ? '' : `${rules[place]?.name ?? ''} is now ${place + 1} of ${rules.length}`}</Unseen>
      </div>
    </>
  )
}

/** The button that was pressed, or its neighbour where it cannot be pressed again. */
function focusMove(list: HTMLElement, { id, by }: Moved): void {
  const [up, down] = list.querySelectorAll<HTMLButtonElement>(`[data-rule="${CSS.escape(id)}"] [data-move] button`)
  const [wanted, other] = by === -1 ? [up, down] : [down, up]
  ;(wanted?.disabled === false ? wanted : other)?.focus()
}
