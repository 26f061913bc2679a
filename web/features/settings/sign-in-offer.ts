import type { JiraSignInJson } from '../../../src/contract/jira-sign-in.ts'
import type { Tone } from '../../ui/state-lozenge.tsx'

export interface SignInOffer {
  readonly tone: Tone
  readonly label: string
  /** What is missing, and what to do about it; null: nothing is. */
  readonly why: string | null
}

/** What the sign-in page shows of Jira, in words, and why it is not more. */
export function describeOffer({ way, choice, provider, applicationLink, jiraVersion }: JiraSignInJson): SignInOffer {
  if (way === 'oauth-2') return { tone: 'success', label: 'OAuth 2.0', why: null }
  if (way === 'application-link') return { tone: 'success', label: 'Application link', why: null }
  const offer = { tone: 'neutral', label: 'Access token only' } as const
  if (choice === 'none') return { ...offer, why: null }
  if (choice === 'application-link' || (choice === 'auto' && applicationLink !== null)) {
    return { ...offer, why: linkMissing(applicationLink) }
  }
  const link = choice === 'auto' ? 'make an application link below' : 'choose an application link'
  if (!provider) return { ...offer, why: `Jira has OAuth 2.0 since 8.22, and this is ${jiraVersion ?? 'older'}: ${link}.` }
  return { ...offer, why: `Set jira.oauth.clientId and jira.oauth.clientSecret in the configuration, or ${link}.` }
}

function linkMissing(link: JiraSignInJson['applicationLink']): string {
  if (link === null) return 'Make a key pair below, and enter it in Jira.'
  return 'This Jira has not accepted the key pair below yet: enter it there, then test it.'
}
