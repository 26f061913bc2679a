import { mayIn, type Permission } from '../access.ts'
import type { Condition } from './installed-app.ts'

const PACKAGE = 'com.atlassian.jira.plugin.webfragment.conditions'

/** Short names that Jira's conditions take, as far as somebody here has use for them. */
const ISSUE_PERMISSIONS: Readonly<Record<string, Permission>> = {
  viewversioncontrol: 'VIEW_DEV_TOOLS',
  browse: 'BROWSE_PROJECTS',
  edit: 'EDIT_ISSUES',
  comment: 'ADD_COMMENTS',
  link: 'LINK_ISSUES',
  work: 'WORK_ON_ISSUES',
}

/** Jira's own conditions; an app without classes has no others. */
export const JIRA_CONDITIONS: readonly string[] = [
  `${PACKAGE}.UserLoggedInCondition`,
  `${PACKAGE}.HasIssuePermissionCondition`,
  `${PACKAGE}.JiraGlobalPermissionCondition`,
]

/**
 * A condition by the class and the parameters that a descriptor names.
 *
 * @throws Error in Jira's words, where Jira would not enable the module
 */
export function toCondition(className: string, parameters: Readonly<Record<string, string>>): Condition {
  switch (className) {
    case `${PACKAGE}.UserLoggedInCondition`:
      return ({ user }) => user !== null
    case `${PACKAGE}.HasIssuePermissionCondition`: {
      const permission = ISSUE_PERMISSIONS[parameters['permission'] ?? '']
      if (permission === undefined) throw unknownPermission(parameters)
      return ({ user, project }) => project !== null && mayIn(project, user, permission)
    }
    case `${PACKAGE}.JiraGlobalPermissionCondition`:
      if (parameters['permission'] === 'use') return ({ user }) => user !== null
      if (!['admin', 'sysadmin'].includes(parameters['permission'] ?? '')) throw unknownPermission(parameters)
      return ({ user }) => user?.administrator === true
    default:
      throw new Error(`Could not load '${className}'`)
  }
}

function unknownPermission(parameters: Readonly<Record<string, string>>): Error {
  return new Error(`Could not determine permission type for: ${parameters['permission'] ?? ''}`)
}
