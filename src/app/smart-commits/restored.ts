import { RESTORED_CODE } from '../../db/stores/smart-commit-claims.ts'
import type { Problem } from '../../domain/problem.ts'

/** Why neither what waited at a backup nor what is met first after its restoration is executed. */
export const RESTORED: Problem = {
  code: RESTORED_CODE,
  message: 'The installation was restored from a backup: it may have been executed since.',
  remedy: 'Look into Jira; if it was not, an administrator can execute it.',
}
