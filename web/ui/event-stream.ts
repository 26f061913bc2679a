import { useEffect, useRef } from 'react'
import type { DeliveryJson } from '../../src/contract/delivery.ts'
import type { RepositoryJson } from '../../src/contract/repository.ts'
import { connectorUrl } from './api.ts'

export interface StreamEvents {
  readonly repository: RepositoryJson
  readonly delivery: DeliveryJson
}

type Listener<Name extends keyof StreamEvents> = (event: StreamEvents[Name]) => void

const listeners = { repository: new Set<Listener<'repository'>>(), delivery: new Set<Listener<'delivery'>>() }
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
  const set: Set<Listener<Name>> = listeners[name] as Set<Listener<Name>>
  set.add(listener)
  source ??= open()
  return () => {
    set.delete(listener)
    if (listeners.repository.size + listeners.delivery.size > 0) return
    source?.close()
    source = null
  }
}

function open(): EventSource {
  const opened = new EventSource(connectorUrl('api/v1/stream'))
  opened.addEventListener('repository', ({ data }: MessageEvent<string>) => {
    const event = JSON.parse(data) as RepositoryJson
    for (const listener of listeners.repository) listener(event)
  })
  opened.addEventListener('delivery', ({ data }: MessageEvent<string>) => {
    const event = JSON.parse(data) as DeliveryJson
    for (const listener of listeners.delivery) listener(event)
  })
  // A refusal (the session ended) closes it for good; the next page that listens opens another.
  opened.addEventListener('error', () => {
    if (opened.readyState === EventSource.CLOSED && source === opened) source = null
  })
  return opened
}
