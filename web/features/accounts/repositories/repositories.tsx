import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useMemo, useState } from 'react'
import type { AccountJson } from '../../../../src/contract/account.ts'
import type { RepositoryJson } from '../../../../src/contract/repository.ts'
import { QueryView } from '../../../ui/states.tsx'
import { Unseen } from '../../../ui/unseen.tsx'
import { summaryQuery } from '../queries.ts'
import { BulkBar, type AskedFirst } from './bulk-bar.tsx'
import { NoRepositories } from './no-repositories.tsx'
import { countOf, NO_FILTER, type RepositoryFilter } from './repository-filter.ts'
import { RepositoryFilters } from './repository-filters.tsx'
import { RepositoryTable } from './repository-table.tsx'
import type { RowCallbacks } from './row-callbacks.ts'
import { NOTHING, toggleRow, type Selection } from './selection.ts'
import { useBulk } from './use-bulk.ts'
import { useDebounced } from '../../../ui/use-debounced.ts'
import { useLatest } from './use-latest.ts'
import { useLiveRepositories, useNewRepositories, useRepositories } from './use-repositories.ts'
import { useRepositoryActions, type RepositoryActions, type SyncMode } from './use-repository-actions.ts'

const SyncDialog = lazy(() => import('./sync-dialog.tsx').then(({ SyncDialog: component }) => ({ default: component })))
const WebhookDialog = lazy(() => import('./webhook-dialog.tsx').then(({ WebhookDialog: component }) => ({ default: component })))
const FullSyncDialog = lazy(() =>
  import('./full-sync-dialog.tsx').then(({ FullSyncDialog: component }) => ({ default: component })),
)
const UnlinkDialog = lazy(() => import('./unlink-dialog.tsx').then(({ UnlinkDialog: component }) => ({ default: component })))

type Dialog =
  | { readonly kind: 'sync'; readonly repository: RepositoryJson; readonly initial: SyncMode }
  | { readonly kind: 'webhook'; readonly repository: RepositoryJson }
  | { readonly kind: AskedFirst }

const TYPING_MS = 250

/** The repositories of an account: what is linked, how it goes, and what to do about it. */
export function Repositories({ account }: { readonly account: AccountJson }) {
  const [filter, setFilter] = useState<RepositoryFilter>(NO_FILTER)
  const [selection, setSelection] = useState<Selection>(NOTHING)
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const text = useDebounced(filter.text.trim(), TYPING_MS)
  const shown = useMemo(() => ({ text, state: filter.state }), [text, filter.state])
  const { query, rows } = useRepositories({ accountId: account.id, filter: shown })
  const summary = useQuery(summaryQuery(account.id, text)).data
  const total = summary === undefined ? null : countOf(filter.state, summary)
  useNewRepositories(account)
  const announcement = useLiveRepositories(account.id)
  const actions = useRepositoryActions(account.id)
  const callbacks = useRowCallbacks({ rows, actions, setSelection, setDialog })
  const act = useBulk({ accountId: account.id, filter: shown, selection, actions, setSelection })
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query
  const loadMore = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage()
  }, [fetchNextPage, isFetchingNextPage])
  const anySelected = selection.kind === 'all' || selection.ids.size > 0
  return (
    <>
      <RepositoryFilters
        filter={filter}
        summary={summary}
        accountName={account.name}
        onChange={(next) => {
          setFilter(next)
          setSelection(NOTHING)
        }}
      />
      {anySelected ? (
        <BulkBar
          selection={selection}
          loaded={rows.length}
          total={total}
          onSelectAll={() => setSelection({ kind: 'all' })}
          onClear={() => setSelection(NOTHING)}
          onAct={act.withFlag}
          onAsk={(kind) => setDialog({ kind })}
        />
      ) : null}
      <QueryView query={query}>
        {() =>
          rows.length === 0 ? (
            <NoRepositories account={account} filter={shown} onClear={() => setFilter(NO_FILTER)} />
          ) : (
            <RepositoryTable
              label={`Repositories of ${account.name}`}
              rows={rows}
              total={total}
              selection={selection}
              onSelectLoaded={(all) => setSelection(all ? { kind: 'rows', ids: new Set(rows.map(({ id }) => id)) } : NOTHING)}
              callbacks={callbacks}
              loadMore={hasNextPage ? loadMore : null}
              isOld={query.isPlaceholderData}
            />
          )
        }
      </QueryView>
      <Unseen>
        <output>{announcement}</output>
      </Unseen>
      <Suspense fallback={null}>
        <RowDialog dialog={dialog} account={account} actions={actions} onClose={() => setDialog(null)} />
        {dialog?.kind === 'unlink' ? (
          <UnlinkDialog
            count={selection.kind === 'all' ? total : selection.ids.size}
            onUnlink={() => act.orThrow({ change: { linked: false } })}
            onClose={() => setDialog(null)}
          />
        ) : null}
        {dialog?.kind === 'full-sync' ? (
          <FullSyncDialog
            count={selection.kind === 'all' ? total : selection.ids.size}
            onSync={() => act.orThrow({ sync: 'full' })}
            onClose={() => setDialog(null)}
          />
        ) : null}
      </Suspense>
    </>
  )
}

interface RowDialogProps {
  readonly dialog: Dialog | null
  readonly account: AccountJson
  readonly actions: RepositoryActions
  readonly onClose: () => void
}

function RowDialog({ dialog, account, actions, onClose }: RowDialogProps) {
  if (dialog === null || !('repository' in dialog)) return null
  const { repository } = dialog
  if (dialog.kind === 'webhook') return <WebhookDialog account={account} repository={repository} onClose={onClose} />
  const sync = (mode: SyncMode) => void actions.sync(repository, mode)
  return <SyncDialog repository={repository} initial={dialog.initial} onSync={sync} onClose={onClose} />
}

function useRowCallbacks({
  rows,
  actions,
  setSelection,
  setDialog,
}: {
  rows: readonly RepositoryJson[]
  actions: RepositoryActions
  setSelection: (change: (selection: Selection) => Selection) => void
  setDialog: (dialog: Dialog) => void
}): RowCallbacks {
  const latest = useLatest(rows)
  return useMemo(
    () => ({
      select: ({ id }) =>
        setSelection((selection) =>
          toggleRow(
            selection,
            id,
            latest.current.map((row) => row.id),
          ),
        ),
      change: actions.change,
      sync: (repository) => void actions.sync(repository, 'soft'),
      chooseSync: (repository, initial = 'soft') => setDialog({ kind: 'sync', repository, initial }),
      cancel: actions.cancel,
      explainWebhook: (repository) => setDialog({ kind: 'webhook', repository }),
    }),
    [actions, latest, setSelection, setDialog],
  )
}
