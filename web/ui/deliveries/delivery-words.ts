import type { DeliveryJson, JiraDeliveryJson } from '../../../src/contract/delivery.ts'
import type { Tone } from '../state-lozenge.tsx'

type State = DeliveryJson['state']

/** What a state is called, and how it is coloured. */
export const STATES: Readonly<Record<State, { readonly label: string; readonly tone: Tone }>> = {
  pending: { label: 'Waiting', tone: 'information' },
  done: { label: 'Done', tone: 'success' },
  ignored: { label: 'Ignored', tone: 'neutral' },
  failed: { label: 'Failed', tone: 'warning' },
  dead: { label: 'Given up', tone: 'danger' },
}

/** What a state means for a webhook. */
export const STATE_MEANINGS: Readonly<Record<State, string>> = {
  pending: 'It is stored and waits its turn.',
  done: 'It was followed: what it is about was read from the Git host.',
  ignored: 'It concerns nothing that is linked.',
  failed: 'It is tried again by itself.',
  dead: 'Nobody tries any more. Replay it when the cause is mended.',
}

const KINDS: Readonly<Record<JiraDeliveryJson['kind'], string>> = {
  property: 'Development information written',
  link: 'Remote link written',
  'property-deletion': 'Development information deleted',
  'link-deletion': 'Remote link deleted',
  comment: 'Comment added',
  worklog: 'Work logged',
  transition: 'Status changed',
  webhook: 'Webhook of the connector stored',
  'webhook-deletion': 'Webhook of the connector removed',
}

const REPEATED: readonly JiraDeliveryJson['kind'][] = ['property', 'link', 'property-deletion', 'link-deletion']

export function describeWrite(kind: JiraDeliveryJson['kind']): string {
  return KINDS[kind]
}

/** A comment that is written again would be there twice. */
export function isReplayable(delivery: DeliveryJson): boolean {
  return delivery.direction === 'in' ? delivery.payloadKept : REPEATED.includes(delivery.kind)
}

/** Why a delivery cannot be replayed, and what can be done instead. */
export function describeNotReplayable(delivery: DeliveryJson): string {
  if (delivery.direction === 'in') return 'The payload is not kept any more: synchronise the repository instead.'
  return delivery.issue === null
    ? 'It is written again by itself, at each start and once a day.'
    : 'It is not written again: it would be there twice. A smart commit that failed can be executed again on its page.'
}

/** JSON with line breaks; anything else, such as the beginning of a long one, as it came. */
export function prettyPayload(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    // Cut, or not JSON: shown as it is.
    return text
  }
}
