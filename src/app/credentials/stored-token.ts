import type { HostToken } from '../../domain/host-token.ts'
import type { Database } from '../../db/database.ts'
import type { SecretBox } from '../../lib/secret-box.ts'
import { secretContext } from '../accounts/secret-context.ts'
import { accountChanged, readTokenAt, type AccountPlace } from './account-place.ts'

/** The token that somebody entered: read at every call, so that its successor counts at once, on every node. */
export function createStoredToken({ db, secretBox }: { db: Database; secretBox: SecretBox }, place: AccountPlace): HostToken {
  const read = async () => {
    const sealed = await readTokenAt(db.read, place)
    if (sealed === null) throw accountChanged(place)
    return secretBox.open(sealed, secretContext(place.id, 'token'))
  }
  return {
    kind: 'access-token',
    get: read,
    async renew(refused) {
      const current = await read()
      return current === refused ? null : current
    },
  }
}
