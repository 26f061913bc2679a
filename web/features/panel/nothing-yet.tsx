import Button from '@atlaskit/button/new'
import { Empty } from '../../ui/states.tsx'
import type { Refresh } from './use-refresh.ts'

interface NothingYetProps {
  readonly issue: string
  readonly refresh: Refresh
}

/** What to do so that something appears. */
export function NothingYet({ issue, refresh }: NothingYetProps) {
  return (
    <Empty
      title="No development information yet"
      action={
        <Button isLoading={refresh.busy} onClick={refresh.start}>
          Look again
        </Button>
      }
    >
      <p>
        Write <b>{issue}</b> in the name of a branch, in a commit’s message or in the title of a merge request, and push. It
        appears here within seconds.
      </p>
      <p>
        For example: <code>git commit -m “{issue} …”</code>
      </p>
    </Empty>
  )
}
