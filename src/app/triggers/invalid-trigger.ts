import { ConnectorError } from '../../lib/connector-error.ts'

/** `trigger-invalid`, with the setting that is wrong. */
export class InvalidTrigger extends ConnectorError {
  /** Path of the setting, such as `conditions.jql`. */
  readonly field: string
  /** What is wrong with it, without what it belongs to. */
  readonly reason: string

  constructor(field: string, reason: string) {
    super('trigger-invalid', { userMessage: `The rule cannot be used. ${reason}`, remedy: 'Change it and save again.' })
    this.field = field
    this.reason = reason
  }
}
