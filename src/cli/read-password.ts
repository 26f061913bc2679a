import { text } from 'node:stream/consumers'
import { ConnectorError } from '../lib/connector-error.ts'
import type { CommandContext } from './command.ts'

/** A new password: typed twice at a terminal, where it does not show, or the first line of standard input. */
export async function readNewPassword({ in: input, err, signal }: CommandContext): Promise<string> {
  if (input === undefined) throw unusable('There is nowhere to read the password from.')
  if (!input.isTTY) {
    const [line = ''] = (await text(input)).split(/\r?\n/)
    if (line === '') throw unusable('Standard input holds no password.')
    return line
  }
  const first = await promptHidden('Password: ', { input, err, signal })
  const second = await promptHidden('Password again: ', { input, err, signal })
  if (first !== second) throw unusable('The two passwords differ.')
  return first
}

interface Prompt {
  readonly input: NodeJS.ReadStream
  readonly err: NodeJS.WriteStream
  readonly signal: AbortSignal
}

function promptHidden(question: string, { input, err, signal }: Prompt): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed = ''
    const end = (finish: () => void) => {
      input.off('data', onData)
      signal.removeEventListener('abort', onAbort)
      input.setRawMode(false)
      input.pause()
      err.write('\n')
      finish()
    }
    const onAbort = () => end(() => reject(signal.reason as Error))
    const onData = (chunk: Buffer) => {
      for (const character of chunk.toString('utf8')) {
        if (character === '\r' || character === '\n') return end(() => resolve(typed))
        // Ctrl-C and Ctrl-D: in raw mode the terminal leaves them to us.
        if (character === '\u0003' || character === '\u0004') return end(() => reject(unusable('No password was typed.')))
        typed = character === '\u007f' || character === '\b' ? typed.replace(/.$/su, '') : typed + character
      }
    }
    signal.addEventListener('abort', onAbort, { once: true })
    err.write(question)
    input.setRawMode(true)
    input.on('data', onData)
    input.resume()
  })
}

function unusable(userMessage: string): ConnectorError {
  return new ConnectorError('password-unusable', {
    userMessage,
    remedy: 'Type it at the prompt, or send it as one line of standard input.',
  })
}
