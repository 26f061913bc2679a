import type { SandboxProject, SandboxUser } from '../types.ts'

/** An app as Jira has it after the upload. */
export interface InstalledApp {
  readonly key: string
  readonly name: string
  readonly version: string
  readonly moduleKeys: readonly string[]
  readonly panels: readonly WebPanel[]
  readonly sections: readonly WebSection[]
  readonly items: readonly WebItem[]
  readonly resources: readonly WebResource[]
  readonly indexed: readonly IndexedValue[]
}

/** Who looks, and at what. */
export interface Viewer {
  readonly user: SandboxUser | null
  /** Of the issue on the page; null: there is none. */
  readonly project: SandboxProject | null
}

export type Condition = (viewer: Viewer) => boolean

interface Placed {
  readonly key: string
  readonly weight: number
  readonly label: string
  readonly isShown: Condition
}

export interface WebPanel extends Placed {
  readonly location: string
  /** HTML. */
  readonly content: string
}

export interface WebSection extends Placed {
  readonly location: string
}

export interface WebItem extends Placed {
  readonly section: string
  readonly linkId: string
  /** A path is one below Jira's own address. */
  readonly link: string
}

export interface WebResource {
  /** `<app>:<module>` */
  readonly completeKey: string
  readonly contexts: readonly string[]
  readonly files: readonly { readonly name: string; readonly text: string }[]
}

/** A value of an issue property that the index holds. */
export interface IndexedValue {
  readonly property: string
  /** Names of members, joined by dots. */
  readonly path: string
  readonly type: 'number' | 'string' | 'date'
  readonly alias: string
}
