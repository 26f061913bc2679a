declare const brand: unique symbol
type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/** Stable id of a DVCS account: the `id` of the configuration file. */
export type AccountId = Brand<string, 'AccountId'>
/** Our own id of a repository: a decimal number as text, opaque to callers. */
export type RepositoryId = Brand<string, 'RepositoryId'>
/** The Git host's numeric id as text: the identity of a repository, whatever it is called today. */
export type HostId = Brand<string, 'HostId'>
/** PROJECT-NUMBER in upper case. */
export type IssueKey = Brand<string, 'IssueKey'>
/** Full commit hash, 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits. */
export type Sha = Brand<string, 'Sha'>

export const accountId = (text: string): AccountId => text as AccountId
export const repositoryId = (text: string): RepositoryId => text as RepositoryId
export const hostId = (text: string): HostId => text as HostId
export const issueKey = (text: string): IssueKey => text as IssueKey
export const sha = (text: string): Sha => text as Sha
