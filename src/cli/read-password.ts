import { text } from 'node:stream/consumers'
import { ConnectorError } from '../lib/connector-error.ts'
import type { CommandContext } from './command.ts'

/** A new password: typed twice at a terminal, where it does not show, or the first line of standard input. */
export async function readNewPassword(context: CommandContext, word: Word = 'password'): Promise<string> {
  const first = await readPassword(context, word)
  if (context.in?.isTTY !== true) return first
  if (first !== (await promptHidden(`${capitalised(word)} again: `, { ...context, input: context.in }))) {
    throw unusable(`The two ${word}s differ.`)
  }
  return first
}

type Word = 'password' | 'passphrase'

/** A password that there is already: typed at a terminal, where it does not show, or the first line of standard input. */
export async function readPassword({ in: input, err, signal }: CommandContext, word: Word): Promise<string> {
  if (input === undefined) throw unusable(`There is nowhere to read the ${word} from.`)
  if (input.isTTY) return promptHidden(`${capitalised(word)}: `, { input, err, signal })
  const [line = ''] = (await text(input)).split(/\r?\n/)
  if (line === '') throw unusable(`Standard input holds no ${word}.`)
  return line
}

const capitalised = (word: Word) => `P${word.slice(1)}`

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
