/** What a team works on: the words its commits, branches and issues are made of. */
export interface Theme {
  /** Path below the group, such as `platform/infrastructure`. */
  readonly path: string
  readonly name: string
  readonly description: string
  /** Areas with the folder they live in. */
  readonly areas: readonly (readonly [area: string, folder: string])[]
  readonly things: readonly string[]
  readonly extension: string
}

export const THEMES: readonly [Theme, Theme, Theme] = [
  {
    path: 'shop',
    name: 'Shop',
    description: 'The web shop: catalogue, cart and checkout pages.',
    areas: [
      ['cart', 'src/cart'],
      ['checkout', 'src/checkout'],
      ['search', 'src/search'],
      ['catalogue', 'src/catalogue'],
      ['account', 'src/account'],
      ['ui', 'src/components'],
    ],
    things: [
      'cart badge',
      'product gallery',
      'voucher field',
      'address form',
      'wish list',
      'search suggestions',
      'price filter',
      'size guide',
      'order history',
      'cookie banner',
      'checkout summary',
      'login dialog',
      'delivery date picker',
      'newsletter sign-up',
      'stock label',
      'breadcrumbs',
    ],
    extension: 'tsx',
  },
  {
    path: 'payments',
    name: 'Payments',
    description: 'The payments service: cards, refunds, settlement.',
    areas: [
      ['refunds', 'service/refunds'],
      ['cards', 'service/cards'],
      ['ledger', 'service/ledger'],
      ['webhooks', 'service/webhooks'],
      ['settlement', 'service/settlement'],
      ['fraud', 'service/fraud'],
    ],
    things: [
      'partial refunds',
      'card tokens',
      'settlement report',
      'idempotency keys',
      'currency rounding',
      'direct debit mandates',
      'chargeback notices',
      'payment retries',
      'ledger entries',
      'fraud score',
      'invoice numbers',
      'provider time-outs',
      'three-step authentication',
      'payout schedule',
    ],
    extension: 'kt',
  },
  {
    path: 'platform/infrastructure',
    name: 'Infrastructure',
    description: 'Clusters, pipelines and monitoring.',
    areas: [
      ['cluster', 'clusters/main'],
      ['pipelines', 'pipelines'],
      ['monitoring', 'monitoring'],
      ['database', 'database'],
      ['network', 'network'],
    ],
    things: [
      'node pools',
      'backup window',
      'alert thresholds',
      'log retention',
      'certificate renewal',
      'database failover',
      'build cache',
      'ingress limits',
      'secret rotation',
      'staging data set',
      'service mesh',
      'disk alerts',
      'image registry',
      'access reviews',
    ],
    extension: 'yaml',
  },
]

export const VERBS = [
  'Add',
  'Fix',
  'Improve',
  'Simplify',
  'Speed up',
  'Rework',
  'Test',
  'Document',
  'Extend',
  'Validate',
  'Cache',
] as const
export const ENDINGS = [
  '',
  '',
  '',
  ' on small screens',
  ' for guests',
  ' in the background',
  ' when the network is slow',
  ' after a restart',
  ' for the new tariff',
  ' before release',
] as const
export const CHORES = [
  'Update dependencies',
  'Fix a flaky test',
  'Reword the README',
  'Format',
  'Raise the version',
  'Remove dead code',
  'Review comments',
  'Quieten the linter',
  'Fix a typo',
  'Work in progress',
] as const
/** Look like issue keys and are none. */
export const FALSE_KEYS = [
  'Read the import file as UTF-8',
  'Check downloads with SHA-256',
  'Write dates as ISO-8601',
  'Encrypt cookies with AES-256',
  'Drop the ISO-8859 fallback, everything is UTF-8 now',
  'Sign requests with RSA-2048 keys',
] as const
export const NOTES = [
  'Looks good to me.',
  'Could you add a test for the empty case?',
  'Nice, this is much simpler than before.',
  'Please rename this: it does more than it says.',
  'Works on the review server.',
  'What happens when the request is repeated?',
  'Rebased.',
  'Thanks, changed.',
] as const

export interface HistoryAuthor {
  readonly username: string
  readonly name: string
  readonly email: string
}

export const AUTHORS: readonly HistoryAuthor[] = (
  [
    ['mia', 'Mia Lang'],
    ['jonas', 'Jonas Reuter'],
    ['priya', 'Priya Nair'],
    ['tomas', 'Tomáš Novák'],
    ['lea', 'Léa Moreau'],
    ['sam', 'Sam Okafor'],
    ['yuki', 'Yuki Tanaka'],
    ['erik', 'Erik Sørensen'],
  ] as const
).map(([username, name]) => ({ username, name, email: `${username}@example.com` }))
