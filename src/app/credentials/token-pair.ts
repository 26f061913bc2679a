import { z } from 'zod'
import type { AccountId } from '../../domain/ids.ts'
import type { HostTokenPair } from '../../hosts/types.ts'
import type { SecretBox } from '../../lib/secret-box.ts'
import { secretContext } from '../accounts/secret-context.ts'

const pairSchema = z.object({ accessToken: z.string(), refreshToken: z.string().nullable() })
export type StoredPair = z.infer<typeof pairSchema>

export function sealPair(secretBox: SecretBox, id: AccountId, { accessToken, refreshToken }: HostTokenPair): string {
  return secretBox.seal(JSON.stringify({ accessToken, refreshToken }), secretContext(id, 'oauth-pair'))
}

/** @throws ConnectorError `secret-unreadable` */
export function openPair(secretBox: SecretBox, id: AccountId, sealed: string): StoredPair {
  return pairSchema.parse(JSON.parse(secretBox.open(sealed, secretContext(id, 'oauth-pair'))))
}
