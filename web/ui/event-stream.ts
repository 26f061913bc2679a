import { useEffect, useRef } from 'react'
import type { AccountJson } from '../../src/contract/account.ts'
import type { DeliveryJson } from '../../src/contract/delivery.ts'
import type { RepositoryJson } from '../../src/contract/repository.ts'
import { connectorUrl } from './api.ts'

export interface StreamEvents {
  readonly account: AccountJson
  readonly 'account-deleted': { readonly id: string }
  readonly repository: RepositoryJson
  readonly delivery: DeliveryJson
}

type Listener<Name extends keyof StreamEvents> = (event: StreamEvents[Name]) => void

const listeners: { readonly [Name in keyof StreamEvents]: Set<Listener<Name>> } = {
  account: new Set(),
  'account-deleted': new Set(),
  repository: new Set(),
  delivery: new Set(),
}
let source: EventSource | null = null

/** Follows what happens in the connector while the component is there. All share one connection, which heals itself. */
export function useStream<Name extends keyof StreamEvents>(name: Name, listener: Listener<Name>): void {
  const current = useRef(listener)
  useEffect(() => {
    current.current = listener
  })
  useEffect(() => follow(name, (event) => current.current(event)), [name])
}

function follow<Name extends keyof StreamEvents>(name: Name, listener: Listener<Name>): () => void {
  const set: Set<Listener<Name>> = listeners[name]
  set.add(listener)
  source ??= open()
  return () => {
    set.delete(listener)
    if (Object.values(listeners).some(({ size }) => size > 0)) return
    source?.close()
    source = null
  }
}

function open(): EventSource {
  const opened = new EventSource(connectorUrl('api/v1/stream'))
  pass(opened, 'account')
  pass(opened, 'account-deleted')
  pass(opened, 'repository')
  pass(opened, 'delivery')
  // A refusal (the session ended) closes it for good; the next page that listens opens another.
  opened.addEventListener('error', () => {
    if (opened.readyState === EventSource.CLOSED && source === opened) source = null
  })
  return opened
}

function pass<Name extends keyof StreamEvents>(opened: EventSource, name: Name): void {
  opened.addEventListener(name, ({ data }: MessageEvent<string>) => {
    const event = JSON.parse(data) as StreamEvents[Name]
    const set: Set<Listener<Name>> = listeners[name]
    for (const listener of set) listener(event)
  })
}
