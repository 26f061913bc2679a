import Lozenge from '@atlaskit/lozenge'

export type Tone = 'success' | 'information' | 'warning' | 'danger' | 'neutral'

const APPEARANCES = {
  success: 'success',
  information: 'inprogress',
  warning: 'moved',
  danger: 'removed',
  neutral: 'default',
} as const

/** A state in one or two words; the words say it, the colour helps. */
export function StateLozenge({ tone, children }: { readonly tone: Tone; readonly children: string }) {
  return <Lozenge appearance={APPEARANCES[tone]}>{children}</Lozenge>
}
