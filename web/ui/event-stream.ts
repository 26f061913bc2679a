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
const openings = new Set<() => void>()
/** The connection; null: there is none, or it was refused and is tried again later. */
let source: EventSource | null = null
let leaving: ReturnType<typeof setTimeout> | null = null
let retrying: ReturnType<typeof setTimeout> | null = null
let failures = 0

/** The next page takes the connection over: between two of them an event would be lost. */
const LEAVE_AFTER_MS = 10_000
const FIRST_RETRY_MS = 2_000
const LONGEST_RETRY_MS = 60_000

/** Follows what happens in the connector while the component is there. All share one connection, which heals itself. */
export function useStream<Name extends keyof StreamEvents>(name: Name, listener: Listener<Name>): void {
  const current = useRef(listener)
  useEffect(() => {
    current.current = listener
  })
  useEffect(() => follow(name, (event) => current.current(event)), [name])
}

/** Calls the listener whenever the connection begins: what happened before may have been told to nobody. Returns the end. */
export function followOpenings(listener: () => void): () => void {
  openings.add(listener)
  return () => openings.delete(listener)
}

export function follow<Name extends keyof StreamEvents>(name: Name, listener: Listener<Name>): () => void {
  const set: Set<Listener<Name>> = listeners[name]
  set.add(listener)
  if (leaving !== null) clearTimeout(leaving)
  leaving = null
  if (retrying === null) source ??= open()
  return () => {
    set.delete(listener)
    if (!isFollowed()) leaving ??= setTimeout(leave, LEAVE_AFTER_MS)
  }
}

const isFollowed = () => Object.values(listeners).some(({ size }) => size > 0)

function leave(): void {
  leaving = null
  if (retrying !== null) clearTimeout(retrying)
  retrying = null
  failures = 0
  source?.close()
  source = null
}

function open(): EventSource {
  const opened = new EventSource(connectorUrl('api/v1/stream'))
  pass(opened, 'account')
  pass(opened, 'account-deleted')
  pass(opened, 'repository')
  pass(opened, 'delivery')
  opened.addEventListener('open', (event) => {
    // Of that name there is also the browser's own, before the connector listens.
    if (!('data' in event)) return
    failures = 0
    for (const listener of openings) listener()
  })
  // The browser mends a broken connection by itself, but not one that was refused: the session ended, or a proxy
  // answered while the connector restarted.
  opened.addEventListener('error', () => {
    if (opened.readyState !== EventSource.CLOSED || source !== opened) return
    source = null
    const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures)
    failures += 1
    retrying = setTimeout(() => {
      retrying = null
      if (isFollowed()) source ??= open()
    }, wait)
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
