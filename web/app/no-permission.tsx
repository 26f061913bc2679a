import { Link } from '@tanstack/react-router'
import { Page } from '../ui/page.tsx'

export function NoPermission() {
  return (
    <Page title="This is for administrators" narrow>
      <p>You are signed in, and may see the development information of issues that Jira shows you.</p>
      <p>For more, ask a Jira administrator, or sign in with another account.</p>
      <p>
        <Link to="/profile">Profile and sessions</Link>
      </p>
    </Page>
  )
}
