/**
 * `META-INF/MANIFEST.MF`. No OSGi header and no `Atlassian-Plugin-Key` on purpose: such a jar is transformed when it is
 * installed, which makes the headers out of the descriptor, imports the packages of Jira's conditions and brings the container
 * that creates them (docs/decisions/0027-jira-app-without-classes.md).
 */
export const MANIFEST = 'Manifest-Version: 1.0\r\nCreated-By: jira-dvcs\r\n\r\n'
