import type { Database } from '../../db/database.ts'
import type { HostRegistry } from '../../hosts/types.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { SecretBox } from '../../lib/secret-box.ts'

/** What OAuth credentials are kept and renewed with. */
export interface OAuthParts {
  readonly db: Database
  readonly secretBox: SecretBox
  readonly hosts: HostRegistry
  readonly clock: Clock
  readonly log: Logger
}
