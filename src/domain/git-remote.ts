/** Where Git reads a repository, with the credentials bound to that origin. */
export interface GitRemote {
  /** http(s) address without credentials. */
  readonly url: string
  /** Value of the Authorization header, or null for anonymous. A secret. */
  readonly authorization: string | null
}
