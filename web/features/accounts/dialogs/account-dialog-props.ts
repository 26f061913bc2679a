import type { AccountJson } from '../../../../src/contract/account.ts'

export interface AccountDialogProps {
  readonly account: AccountJson
  readonly onClose: () => void
}
