/** The key of the Jira app: Jira tells by it whether the app is installed. */
export const JIRA_APP_KEY = 'io.github.jira-dvcs'
