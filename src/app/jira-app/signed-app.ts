import { createHash, X509Certificate } from 'node:crypto'
import { buildJiraApp, type JiraApp, type JiraAppOptions } from '../../jira/app/build-jira-app.ts'
import { toAccountsAddress } from '../../jira/app/descriptor.ts'
import { signJiraApp } from '../../jira/app/signature.ts'
import type { SigningIdentity } from './signing-identity.ts'

/** Belongs to the connector, not to a version: Jira's trust store keeps it over all of them. */
const CERTIFICATE_FILE = 'jira-dvcs.crt'

/** The Jira app with what an administrator of Jira needs to install it. */
export interface SignedJiraApp extends JiraApp {
  /** Of the jar, hexadecimal. */
  readonly sha256: string
  /** Of the jar's bytes, base64. */
  readonly signature: string
  /** Where the administration's menu in Jira leads. */
  readonly address: string
  readonly certificate: {
    readonly fileName: string
    readonly pem: string
    readonly subject: string
    /** SHA-256, hexadecimal with colons, as Jira and OpenSSL show it. */
    readonly fingerprint: string
    readonly validTo: Date
  }
}

/** @throws ConnectorError `jira-app-address-invalid` */
export function signedJiraApp(options: JiraAppOptions, { key, certificate }: SigningIdentity): SignedJiraApp {
  const app = buildJiraApp(options)
  const { subject, fingerprint256, validToDate } = new X509Certificate(certificate)
  return {
    ...app,
    sha256: createHash('sha256').update(app.jar).digest('hex'),
    signature: signJiraApp(app.jar, key),
    address: toAccountsAddress(options.serverUrl),
    certificate: {
      fileName: CERTIFICATE_FILE,
      pem: certificate,
      subject: subject.replace(/^CN=/, ''),
      fingerprint: fingerprint256,
      validTo: validToDate,
    },
  }
}
