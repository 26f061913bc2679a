import Button from '@atlaskit/button/new'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { DeliveryJson } from '../../../src/contract/delivery.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { isReplayable } from '../../ui/deliveries/delivery-words.ts'
import { replay } from '../../ui/deliveries/use-replay.ts'
import { useNotify } from '../../ui/notify.ts'

/** Replays what was given up among the webhooks that are shown. */
export function ReplayDead({ deliveries }: { readonly deliveries: readonly DeliveryJson[] }) {
  const [asked, setAsked] = useState(false)
  const queryClient = useQueryClient()
  const notify = useNotify()
  const dead = deliveries.filter((delivery) => delivery.state === 'dead' && isReplayable(delivery))
  const run = async () => {
    try {
      // One after the other: each of them wakes work.
      for (const { id } of dead) await replay(id)
      notify.done(`${count(dead.length)} looked at again`)
    } finally {
      await queryClient.invalidateQueries({ queryKey: ['deliveries'] })
    }
  }
  return (
    <>
      {dead.length === 0 ? null : <Button onClick={() => setAsked(true)}>Replay all given up on this page</Button>}
      {asked ? (
        <ConfirmDialog title={`Replay ${count(dead.length)}?`} action="Replay" onConfirm={run} onClose={() => setAsked(false)}>
          <p>
            Each is looked at again from its stored payload. Nothing is taken over from it: the state is read from the Git host,
            so that a replay can do no harm. Mend the cause first, else they fail again.
          </p>
        </ConfirmDialog>
      ) : null}
    </>
  )
}

const count = (number: number) => (number === 1 ? 'one webhook' : `${number} webhooks`)
