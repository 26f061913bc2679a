import { ConnectorError } from '../lib/connector-error.ts'

/**
 * Ends a job whose work another one took over: this process was held up, such as a machine that was paused, until the queue gave
 * its job to another node.
 */
export function jobOvertaken(): ConnectorError {
  return new ConnectorError('job-interrupted', {
    userMessage: 'Another process went on with what this one had begun; nothing was done beside it.',
    retryable: true,
  })
}
