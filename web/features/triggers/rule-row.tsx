import { IconButton } from '@atlaskit/button/new'
import ArrowDownIcon from '@atlaskit/icon/core/arrow-down'
import ArrowUpIcon from '@atlaskit/icon/core/arrow-up'
import DeleteIcon from '@atlaskit/icon/core/delete'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useId, useState } from 'react'
import Toggle from '@atlaskit/toggle'
import type { TriggerJson } from '../../../src/contract/trigger.ts'
import { callApi } from '../../ui/api.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { useFocusThroughout } from '../../ui/use-focus-throughout.ts'
import { useNotify } from '../../ui/notify.ts'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { Unseen } from '../../ui/unseen.tsx'
import { toVisibleText } from '../../ui/visible-text.ts'
import { triggerPath, triggersQuery, type RuleList } from './queries.ts'
import { settingsOf } from './trigger-form.ts'
import { describeRule } from './trigger-words.ts'
import styles from './triggers.module.css'

export interface RuleRowProps {
  readonly rule: TriggerJson
  readonly position: { readonly index: number; readonly count: number }
  readonly nameOfAccount: (id: string) => string
  readonly onMove: (by: -1 | 1) => void
}

export function RuleRow({ rule, position, nameOfAccount, onMove }: RuleRowProps) {
  const { index, count } = position
  return (
    <li className={styles['rule']} data-rule={rule.id}>
      <Enabled rule={rule} />
      <div className={styles['what']}>
        <Link to="/triggers/$triggerId" params={{ triggerId: rule.id }} className={styles['name']}>
          <Unseen>Edit </Unseen>
          <StrangerText>{rule.name}</StrangerText>
        </Link>
        <div className={styles['sentence']}>
          <StrangerText>{describeRule(rule, nameOfAccount)}</StrangerText>
        </div>
      </div>
      <div className={styles['buttons']}>
        <span data-move className={styles['buttons']}>
          <IconButton
            icon={ArrowUpIcon}
            label={`Move ${rule.name} up`}
            appearance="subtle"
            isDisabled={index === 0}
            onClick={() => onMove(-1)}
          />
          <IconButton
            icon={ArrowDownIcon}
            label={`Move ${rule.name} down`}
            appearance="subtle"
            isDisabled={index === count - 1}
            onClick={() => onMove(1)}
          />
        </span>
        <DeleteRule rule={rule} />
      </div>
    </li>
  )
}

function Enabled({ rule }: { readonly rule: TriggerJson }) {
  const id = useId()
  const queryClient = useQueryClient()
  const notify = useNotify()
  const change = useMutation({
    async mutationFn(enabled: boolean) {
      // As it is stored now: what somebody else changed meanwhile stays.
      const { items } = await callApi<RuleList>('triggers')
      const stored = items.find((one) => one.id === rule.id) ?? rule
      await callApi(triggerPath(rule.id), { method: 'PUT', body: { ...settingsOf(stored), enabled } })
    },
    onError: (error) => notify.failed(`“${rule.name}” was not changed`, error),
    onSettled: () => queryClient.invalidateQueries(triggersQuery),
  })
  useFocusThroughout(change.isPending)
  return (
    <div className={styles['enabled']}>
      <Toggle
        id={id}
        isChecked={change.isPending ? change.variables : rule.enabled}
        isDisabled={change.isPending}
        onChange={() => change.mutate(!rule.enabled)}
      />
      <label htmlFor={id}>
        <Unseen>{`${rule.name} is enabled`}</Unseen>
      </label>
    </div>
  )
}

function DeleteRule({ rule }: { readonly rule: TriggerJson }) {
  const queryClient = useQueryClient()
  const [asked, setAsked] = useState(false)
  return (
    <>
      <IconButton icon={DeleteIcon} label={`Delete ${rule.name}`} appearance="subtle" onClick={() => setAsked(true)} />
      {asked ? (
        <ConfirmDialog
          title={`Delete “${toVisibleText(rule.name)}”?`}
          action="Delete"
          appearance="danger"
          onClose={() => setAsked(false)}
          onConfirm={async () => {
            await callApi(triggerPath(rule.id), { method: 'DELETE' })
            await queryClient.invalidateQueries(triggersQuery)
          }}
        >
          <p>It moves nothing any more. What it did stays in the log. To stop it for a while, disable it instead.</p>
        </ConfirmDialog>
      ) : null}
    </>
  )
}
