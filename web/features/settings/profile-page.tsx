import { Page } from '../../ui/page.tsx'
import { ProfilePart } from './profile-part.tsx'

/** `/profile`: for people who may see no settings beside their own. */
export function ProfilePage() {
  return (
    <Page title="Profile and sessions">
      <ProfilePart />
    </Page>
  )
}
