import { MIN_SECRET_KEY_LENGTH } from '../lib/secret-box.ts'
import { optional, required, withDefault, type OptionTable } from './option.ts'
import * as types from './value-types.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const detail = types.choice(['full', 'titles', 'counts'])
const glob = types.text()

/**
 * Every option but those of accounts, by its path in the file: the single source of loading, checking, the environment
 * variables' names, docs/configuration.md and docs/connector.schema.json. Names are fixed by the external contract.
 */
export const OPTIONS = {
  'server.url': optional(types.httpUrl, {
    description: 'Public address of the connector, used in webhooks and links. Default: the address it listens on.',
  }),
  'server.listen': withDefault(types.listenAddress, '127.0.0.1:8090', {
    description: 'Where to listen; `0.0.0.0:8090` is every IPv4 address of the machine, port `0` any free one.',
  }),
  'server.workerListen': optional(types.listenAddress, {
    description:
      'Where nodes of the role `worker` answer `/healthz`, `/readyz` and `/metrics`, and nothing else. Default: nowhere.',
  }),
  'server.adminToken': optional(types.secret({ header: true, minLength: 16 }), {
    secret: true,
    description: 'API token with all rights, for automation. At least 16 characters, better 32.',
  }),
  'server.secretKey': optional(types.secret({ minLength: MIN_SECRET_KEY_LENGTH }), {
    secret: true,
    description:
      'Encrypts stored secrets; the same on every node, and kept: another key opens nothing. ' +
      `At least ${MIN_SECRET_KEY_LENGTH} characters. Default: a key file in \`dataDir\`; required with PostgreSQL.`,
  }),
  'server.trustProxy': withDefault(types.boolean, 'false', {
    description: 'Believe the `X-Forwarded-…` headers: only behind a reverse proxy that sets them itself.',
  }),
  dataDir: withDefault(types.path, './data', {
    description: 'Folder of the embedded database, the Git mirrors and the key file.',
  }),
  database: withDefault(types.database, 'sqlite', {
    secret: true,
    description: '`sqlite`: embedded, in `dataDir`. A `postgres://…` address is needed for more than one node.',
  }),
  'jira.url': required(types.httpUrl, { description: 'Address of Jira, with its context path if it has one.' }),
  'jira.token': optional(types.secret({ header: true }), {
    secret: true,
    description: 'Personal access token; or `username` and `password`.',
  }),
  'jira.username': optional(
    types.text({ name: 'text', pattern: /^[^:\p{Cc}]+$/u, meaning: 'a name without a colon or control characters' }),
    { description: 'User name, where Jira is too old for personal access tokens.' },
  ),
  'jira.password': optional(types.secret(), { secret: true, description: 'Password of that user.' }),
  'jira.oauth.clientId': optional(
    types.text({ name: 'text', pattern: /^[\x21-\x7e]+$/, meaning: 'visible ASCII without blanks' }),
    {
      description:
        'Client id of an incoming application link in Jira (8.22 or later): people then sign in to the connector with their ' +
        'account of Jira. See `docs/permissions.md`.',
    },
  ),
  'jira.oauth.clientSecret': optional(types.secret({ header: true }), {
    secret: true,
    description: 'Client secret of that link.',
  }),
  'jira.property': withDefault(types.byProject(detail, 'full'), 'full', {
    description:
      'What the issue property tells everyone who sees the issue: everything, titles only, or numbers only. ' +
      'Projects that a map does not name get what `"*"` says, else `full`.',
  }),
  'jira.delivery': withDefault(types.listOf(types.choice(['property', 'link'])), ['property'], {
    description:
      '`property`: the issue property that the Jira app shows. `link`: also one remote link per issue, which Jira records ' +
      "in the issue's history and may tell watchers about.",
  }),
  'jira.webhooks': withDefault(types.choice(['auto', 'manual', 'off']), 'auto', {
    description:
      "Jira's own webhooks, which tell of issues created, moved and deleted: the connector installs one if its user is a Jira " +
      'administrator, you install it with `webhookSecret`, or none is taken.',
  }),
  'jira.webhookSecret': optional(types.secret({ minLength: 16 }), {
    secret: true,
    description:
      "Secret of Jira's webhook: needed to install it by hand, required with `webhooks: manual`. At least 16 characters. " +
      'Default: one that the connector makes and keeps encrypted.',
  }),
  'jira.poll': withDefault(types.durationAutoOrOff({ minMs: MINUTE_MS, maxMs: DAY_MS }), 'auto', {
    description:
      'How often Jira is asked for what webhooks did not tell. `auto`: every 60 minutes while webhooks arrive, else every 5. ' +
      '`off`: never.',
  }),
  'sync.interval': withDefault(types.durationOrOff({ minMs: MINUTE_MS, maxMs: 24 * DAY_MS }), '60m', {
    description: 'How often every account is synchronised besides webhooks; `off` switches the schedule off.',
  }),
  'sync.concurrency': withDefault(types.integer({ min: 1, max: 64 }), '4', {
    description: 'Repositories synchronised at once, per node.',
  }),
  'panel.branchName': withDefault(types.branchTemplate, '${issueKey}-${summary}', {
    substitute: false,
    description: "Template of 'Create branch'. `${issueKey}` and `${summary}` are placeholders here, not environment variables.",
  }),
  'panel.hide': withDefault(types.listOf(glob), [], {
    description:
      'Noise, shown as "n hidden": `merge-commits`, `declined` (pull requests), and globs on names or e-mail addresses of ' +
      'authors and on branches, such as `*[bot]` or `renovate/*`; `author:` or `branch:` before one limits it.',
  }),
  'panel.filesPerHour': withDefault(types.integer({ min: 0, max: 100_000 }), '600', {
    description:
      'Commits of one account whose files are loaded from the Git host within an hour without being asked for, newest first; ' +
      '`0`: only those that somebody opens.',
  }),
  'issueKeys.anyCaseIn': withDefault(types.listOf(types.choice(['branch', 'commit', 'title'])), ['branch'], {
    description: 'Where issue keys in lower case count too.',
  }),
  'issueKeys.pullRequestCommits': withDefault(types.boolean, 'true', {
    description:
      'A pull request also belongs to the issues that its commits name, not only to those of its title and source branch.',
  }),
  'git.fullCloneLimit': withDefault(types.size({ minBytes: 1 }), '2GiB', {
    description:
      'Largest repository fetched whole when the Git server offers no partial clone. The history of a larger one comes ' +
      "through the host's API.",
  }),
  'retention.payloads': withDefault(types.duration({ minMs: 60 * MINUTE_MS, maxMs: 365 * DAY_MS }), '3d', {
    description:
      'How long the payloads of webhooks are kept, to look at them and to replay them. They hold what developers wrote: ' +
      'commit messages, names and addresses.',
  }),
  'smartCommits.maxAge': withDefault(types.duration({ minMs: 60 * MINUTE_MS, maxMs: 365 * DAY_MS }), '14d', {
    description: 'Smart commits that were written longer ago are not executed by themselves. Counted by the author date.',
  }),
  'smartCommits.mergeCommits': withDefault(types.boolean, 'false', {
    description:
      'Whether merge commits are executed as others are. Their messages repeat the title of the merge request, and with it ' +
      'what the merged commits command.',
  }),
  'retention.smartCommits': withDefault(types.duration({ minMs: DAY_MS, maxMs: 3650 * DAY_MS }), '90d', {
    description:
      'How long is kept what became of smart commits. That a commit was executed is remembered for ever, so that no copy of ' +
      'it acts again.',
  }),
  'retention.journals': withDefault(types.duration({ minMs: DAY_MS, maxMs: 365 * DAY_MS }), '14d', {
    description:
      'How long the journals of webhooks, synchronisations and writes to Jira are kept. A webhook that the Git host repeats ' +
      'later than that is taken for a new one.',
  }),
  'network.ca': withDefault(types.listOf(types.path), [], {
    description: 'PEM files of certificate authorities to trust besides the usual ones.',
  }),
  'network.proxy': optional(types.proxyUrl, {
    secret: true,
    description:
      'Proxy for connections to the outside. Default: `HTTPS_PROXY`. `NO_PROXY` names hosts to reach directly in either case.',
  }),
  'network.allowPrivateAddresses': withDefault(types.boolean, 'true', {
    description: 'Allow connections to private addresses for the hosts that administrators enter; link-local addresses never.',
  }),
  'log.level': withDefault(types.choice(['debug', 'info', 'warn', 'error']), 'info', {
    description: 'Least severe lines to write.',
  }),
  'log.format': optional(types.choice(['json', 'pretty']), {
    description: 'One JSON object a line, or lines for people. Default: `pretty` on a terminal, else `json`.',
  }),
} satisfies OptionTable

/** The options of one entry of `accounts`. */
export const ACCOUNT_OPTIONS = {
  id: required(
    types.text({
      name: 'text',
      // Jira's own webhooks come to /webhooks/jira.
      pattern: /^(?!jira$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
      meaning: '1 to 64 letters, digits, ".", "_" or "-", a letter or digit first, and not jira',
    }),
    { description: 'Stable name in addresses and commands. A change of id is another account.' },
  ),
  name: optional(types.text(), { description: 'Label. Default: `id`.' }),
  host: required(types.choice(['gitlab'], '; other Git hosts are not supported yet'), { description: 'Kind of Git host.' }),
  url: required(types.httpUrl, { description: 'Address of the Git host, with its relative URL root if it has one.' }),
  gitUrl: optional(types.httpUrl, { description: 'Address for Git, where the installation has another one. Default: `url`.' }),
  owner: optional(
    types.text({
      name: 'path',
      pattern: /^[^\s/:]+(\/[^\s/:]+)*$/,
      meaning: 'a path such as acme or acme/platform, without address and outer slashes',
    }),
    {
      description:
        'Path of a group, subgroup or user, resolved once to its numeric id, which counts until `owner` or `url` is changed. Default: all that the token can read.',
    },
  ),
  token: required(types.secret({ header: true }), { secret: true, description: 'Access token that reads the repositories.' }),
  webhookAdminToken: optional(types.secret({ header: true }), {
    secret: true,
    description: 'Second credential, used only to manage webhooks. Default: `token`.',
  }),
  webhooks: withDefault(types.choice(['auto', 'group', 'project', 'system', 'manual', 'off']), 'auto', {
    description:
      'Which webhooks the connector sets up: the best it may, those of one kind, none because you set them up, or none at all.',
  }),
  webhookSecret: optional(types.secret({ header: true, minLength: 16 }), {
    secret: true,
    description:
      'Secret of the webhooks that you set up, at least 16 characters; required with `webhooks: manual`; otherwise the connector makes one itself and this one does not count.',
  }),
  autoLink: withDefault(types.boolean, 'true', { description: 'Link repositories as they appear.' }),
  smartCommits: withDefault(types.boolean, 'true', { description: 'Whether newly linked repositories act on smart commits.' }),
  smartCommitTrust: withDefault(types.choice(['off', 'author', 'verified']), 'author', {
    description:
      "Whose smart commits are executed: nobody's, those of whoever the commit names as its author, or only commits whose " +
      'signature the Git host has verified. A project of Jira can have its own level, set in the browser.',
  }),
  smartCommitReplies: withDefault(types.boolean, 'false', {
    description:
      'Tell authors on the Git host what became of their smart commits, by one short comment on the open pull request that ' +
      'the commit is in, else on the commit. Needs a token that may write.',
  }),
  include: withDefault(types.listOf(glob), ['**'], {
    description:
      'Globs on the repository path: only these are linked. Others that were are unlinked by the next sweep, their data kept.',
  }),
  exclude: withDefault(types.listOf(glob), [], {
    description: 'Globs on the repository path: these are not, whatever `include` says.',
  }),
  jiraProjects: withDefault(types.listOf(types.projectKey), [], {
    description: "Only these projects' issues get this account's data. Empty: all.",
  }),
} satisfies OptionTable
