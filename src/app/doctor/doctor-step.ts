import { toProblem } from '../../domain/problem.ts'
import { isConnectorError } from '../../lib/connector-error.ts'

/** One thing that was tested, in the order tried. */
export interface DoctorStep {
  /** `Git`, `Data folder`, `Secret key`, `Database`, `Jira`, `Accounts`, `Webhooks`, or the account's name. */
  readonly subject: string
  readonly name: string
  readonly ok: boolean
  readonly message: string
  readonly remedy: string | null
}

export type StepName = Pick<DoctorStep, 'subject' | 'name'>

/** Runs a test, which resolves to what it found; an expected failure becomes a failed step with its remedy. */
export async function tryStep(step: StepName, test: () => Promise<string>): Promise<DoctorStep> {
  try {
    return { ...step, ok: true, message: await test(), remedy: null }
  } catch (error) {
    return toFailedStep(step, error)
  }
}

/** The step that an expected failure makes; throws any other error again. */
export function toFailedStep(step: StepName, error: unknown): DoctorStep {
  if (!isConnectorError(error)) throw error
  const { message, remedy } = toProblem(error)
  return { ...step, ok: false, message, remedy }
}
