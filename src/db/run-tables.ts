import type { Generated } from 'kysely'
import type { EnvironmentType, RunState } from '../domain/development-information.ts'
import type { Flag, Millis } from './column-types.ts'

interface BuildsTable {
  id: Generated<number>
  repository_id: number
  /** The host's number of it: identity within the repository. */
  host_id: string
  /** What people count by within the repository. */
  number: number
  state: RunState
  ref: string
  sha: string
  url: string
  created_at: Millis
  updated_at: Millis
  finished_at: Millis | null
  generation: number
  /** null: the host did not tell, or was not asked yet. */
  jobs_total: number | null
  jobs_successful: number | null
  jobs_failed: number | null
  /** `updated_at` of the change for which the jobs were counted; null: never. */
  jobs_at: Millis | null
}

interface BuildKeysTable {
  issue_key: string
  build_id: number
}

interface DeploymentsTable {
  id: Generated<number>
  repository_id: number
  host_id: string
  number: number
  environment: string
  environment_type: EnvironmentType
  state: RunState
  sha: string
  url: string
  created_at: Millis
  updated_at: Millis
  finished_at: Millis | null
  generation: number
}

interface DeploymentKeysTable {
  issue_key: string
  deployment_id: number
}

/** Successful deployments, with and without keys: from one to the next an environment gets its commits. */
interface EnvironmentDeploymentsTable {
  repository_id: number
  /** The host's id of the environment. */
  environment_id: string
  number: number
  environment_type: EnvironmentType
  sha: string
  generation: number
}

/** How far a repository's builds and deployments were read; see `stores/listing-marks.ts`. */
interface ListingMarksTable {
  repository_id: number
  kind: 'builds' | 'deployments'
  /** Update time of the newest one read; null: none was met. */
  since: Millis | null
  generation: number
  rules_version: number
  complete: Flag
}

/** Heads of pull requests that changed since builds were read, whose builds are still to be looked up. */
interface BuildHeadsTable {
  repository_id: number
  head_sha: string
  /** Update time of the pull request. */
  changed_at: Millis
}

/** Builds and deployments. */
export interface RunSchema {
  builds: BuildsTable
  build_keys: BuildKeysTable
  deployments: DeploymentsTable
  deployment_keys: DeploymentKeysTable
  environment_deployments: EnvironmentDeploymentsTable
  listing_marks: ListingMarksTable
  build_heads: BuildHeadsTable
}
