import type { OAuthApplication } from '../../sandbox/gitlab/oauth/oauth-state.ts'
import { accountId } from '../../domain/ids.ts'
import type { SecretBox } from '../../lib/secret-box.ts'
import { saveTestedAccount } from '../accounts/change-accounts.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'
import { toAccountSettings } from '../test-connector.ts'
import { beginSignIn, finishSignIn } from './sign-in.ts'

export const WEB = accountId('web')

/** A story with an account `web` of the browser that signs in by an OAuth application. */
export interface SignInStory extends Story {
  readonly application: OAuthApplication
  readonly secretBox: SecretBox
  /** Follows the authorization address as a browser does; the parameters that the host sent it back with. */
  visit(): Promise<URLSearchParams>
  signIn(): Promise<void>
  /** Requests to the token endpoint so far, by status. */
  tokenRequests(): number[]
}

export async function startSignInStory(options: StoryOptions = {}): Promise<SignInStory> {
  const story = await startStory({ jira: false, ...options })
  const { app, gitlab, secretBox } = story
  const application = gitlab.addApplication({ redirectUris: [`${app.settings.serverUrl}/oauth/callback`] })
  gitlab.signInBrowser({ user: story.maintainer, decision: 'approve' })
  const settings = toAccountSettings('web', { url: gitlab.url, owner: 'acme', managedBy: 'browser' })
  const secrets = { oauth: { clientId: application.clientId, clientSecret: application.clientSecret } }
  await saveTestedAccount(app, { settings, secrets, secretBox, isNew: true }, story.signal)
  const visit = async () => {
    const { authorizationUrl } = await beginSignIn(app, secretBox, WEB)
    const answer = await fetch(authorizationUrl, { redirect: 'manual' })
    return new URL(answer.headers.get('location') ?? '').searchParams
  }
  return {
    ...story,
    application,
    visit,
    async signIn() {
      await finishSignIn(app, { answer: await visit(), secretBox }, story.signal)
    },
    tokenRequests: () => gitlab.requests.filter(({ path }) => path === '/oauth/token').map(({ status }) => status),
  }
}
