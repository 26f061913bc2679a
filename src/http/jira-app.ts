import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { readInstalledApp } from '../app/jira-app/installed-app.ts'
import { signedJiraApp, type SignedJiraApp } from '../app/jira-app/signed-app.ts'
import { ensureSigningIdentity } from '../app/jira-app/signing-identity.ts'
import { findJiraFacts } from '../app/jira/jira-facts.ts'
import { jiraAppSchema, type JiraAppJson } from '../contract/jira-app.ts'
import { listHostAddresses } from '../db/views/host-addresses.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { problems } from './responses.ts'

const tags = ['jira']

/** `/jira-app`: the app that shows the panel in Jira, made and signed here, and what Jira has of it. */
export function registerJiraApp(http: HttpApp, context: RouteContext, version: string): void {
  const make = async (): Promise<SignedJiraApp> => {
    const { app, secretBox } = context
    const { serverUrl } = app.settings
    return signedJiraApp(
      { version, serverUrl, hosts: await listHostAddresses(app.db.read) },
      await ensureSigningIdentity({ db: app.db, clock: app.clock, secretBox, serverUrl }),
    )
  }

  http.get(
    '/jira-app',
    {
      schema: {
        operationId: 'getJiraApp',
        summary: 'The Jira app of this connector with its signature, and the version that Jira has installed',
        tags,
        response: { 200: jiraAppSchema, ...problems(401, 409) },
      },
    },
    async () => toJson(await make(), context),
  )

  http.get(
    '/jira-app/jar',
    {
      schema: {
        operationId: 'downloadJiraApp',
        summary: 'The Jira app: the same bytes for the same version, address and hosts of accounts',
        tags,
        response: { 200: fileOf('application/java-archive', 'The jar.'), ...problems(401, 409) },
      },
    },
    async (_request, reply) => {
      const { fileName, jar } = await make()
      return sendFile(reply.type('application/java-archive'), { fileName, content: Buffer.from(jar) })
    },
  )

  http.get(
    '/jira-app/certificate',
    {
      schema: {
        operationId: 'downloadJiraAppCertificate',
        summary: "The certificate that the Jira app is signed with, for Jira's trust store",
        tags,
        response: { 200: fileOf('application/x-pem-file', 'The certificate, PEM.'), ...problems(401, 409) },
      },
    },
    async (_request, reply) => {
      const { certificate } = await make()
      return sendFile(reply.type('application/x-pem-file'), {
        fileName: certificate.fileName,
        content: Buffer.from(certificate.pem),
      })
    },
  )
}

function fileOf(type: string, description: string) {
  return { description, content: { [type]: { schema: z.unknown().meta({ type: 'string', format: 'binary' }) } } }
}

function sendFile(reply: FastifyReply, { fileName, content }: { fileName: string; content: Buffer }): FastifyReply {
  return reply.header('content-disposition', `attachment; filename="${fileName}"`).send(content)
}

async function toJson(made: SignedJiraApp, { app, closing }: RouteContext): Promise<JiraAppJson> {
  await app.jiraAccess.refresh()
  const url = app.jiraAccess.describe()?.url ?? null
  const [installed, facts] = await Promise.all([
    readInstalledApp(app, made.version, closing),
    url === null ? null : findJiraFacts(app.db.read, url),
  ])
  const { version, fileName, jar, sha256, signature, address, hosts, certificate } = made
  const { pem: _pem, validTo, ...shown } = certificate
  return {
    version,
    fileName,
    size: jar.length,
    sha256,
    signature,
    certificate: { ...shown, validTo: validTo.toISOString() },
    address,
    hosts: [...hosts],
    jiraVersion: facts?.version ?? null,
    installed,
  }
}
