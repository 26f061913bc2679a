import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { toCommitFilter } from '../features/smart-commits/commit-filter.ts'
import { toRunFilter } from '../features/triggers/run-filter.ts'
import { BrokenPage } from './broken-page.tsx'
import { NotFound } from './not-found.tsx'
import { PendingPage } from './pending-page.tsx'
import { sessionQuery, setupQuery } from '../ui/session.ts'
import { Shell } from './shell.tsx'

interface RouterContext {
  readonly queryClient: QueryClient
}

const rootRoute = createRootRouteWithContext<RouterContext>()({ component: Outlet, notFoundComponent: NotFound })

const signIn = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (search): { next?: string } => (typeof search['next'] === 'string' ? { next: search['next'] } : {}),
  component: lazyRouteComponent(() => import('../features/sign-in/sign-in-page.tsx'), 'SignInPage'),
})

const setup = createRoute({
  getParentRoute: () => rootRoute,
  path: '/setup',
  component: lazyRouteComponent(() => import('../features/sign-in/setup-page.tsx'), 'SetupPage'),
})

/** For people who are signed in: administrators everywhere, others on the pages of issues and on their own. */
const signedIn = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  component: Shell,
  async beforeLoad({ context: { queryClient }, location }) {
    const { user, ended } = await queryClient.ensureQueryData(sessionQuery)
    if (user !== null && ended !== true) return
    const { needed } = await queryClient.ensureQueryData(setupQuery)
    if (needed) redirect({ to: '/setup', throw: true })
    redirect({ to: '/sign-in', search: { next: location.href }, throw: true })
  },
})

const noPermission = createRoute({
  getParentRoute: () => signedIn,
  path: '/no-permission',
  component: lazyRouteComponent(() => import('./no-permission.tsx'), 'NoPermission'),
})

const profile = createRoute({
  getParentRoute: () => signedIn,
  path: '/profile',
  component: lazyRouteComponent(() => import('../features/settings/profile-page.tsx'), 'ProfilePage'),
})

const panel = createRoute({
  getParentRoute: () => signedIn,
  path: '/issues/$issueKey',
  component: lazyRouteComponent(() => import('../features/panel/panel-page.tsx'), 'PanelPage'),
})

const administration = createRoute({
  getParentRoute: () => signedIn,
  id: 'administration',
  async beforeLoad({ context: { queryClient } }) {
    const { user } = await queryClient.ensureQueryData(sessionQuery)
    if (user?.role !== 'administrator') redirect({ to: '/no-permission', throw: true })
  },
})

const overview = createRoute({
  getParentRoute: () => administration,
  path: '/',
  component: lazyRouteComponent(() => import('../features/overview/overview-page.tsx'), 'OverviewPage'),
})

const accounts = createRoute({
  getParentRoute: () => administration,
  path: '/accounts',
  component: lazyRouteComponent(() => import('../features/accounts/accounts-page.tsx'), 'AccountsPage'),
})

const linkAccount = createRoute({
  getParentRoute: () => administration,
  path: '/accounts/link',
  component: lazyRouteComponent(() => import('../features/accounts/link-account-page.tsx'), 'LinkAccountPage'),
})

const account = createRoute({
  getParentRoute: () => administration,
  path: '/accounts/$accountId',
  component: lazyRouteComponent(() => import('../features/accounts/account-page.tsx'), 'AccountPage'),
})

const repository = createRoute({
  getParentRoute: () => administration,
  path: '/repositories/$repositoryId',
  component: lazyRouteComponent(() => import('../features/repository/repository-page.tsx'), 'RepositoryPage'),
})

const triggers = createRoute({
  getParentRoute: () => administration,
  path: '/triggers',
  validateSearch: toRunFilter,
  component: lazyRouteComponent(() => import('../features/triggers/triggers-page.tsx'), 'TriggersPage'),
})

const newTrigger = createRoute({
  getParentRoute: () => administration,
  path: '/triggers/new',
  validateSearch: (search): { template?: string } =>
    typeof search['template'] === 'string' ? { template: search['template'] } : {},
  component: lazyRouteComponent(() => import('../features/triggers/trigger-page.tsx'), 'NewTriggerPage'),
})

const trigger = createRoute({
  getParentRoute: () => administration,
  path: '/triggers/$triggerId',
  component: lazyRouteComponent(() => import('../features/triggers/trigger-page.tsx'), 'TriggerPage'),
})

const smartCommits = createRoute({
  getParentRoute: () => administration,
  path: '/smart-commits',
  validateSearch: toCommitFilter,
  component: lazyRouteComponent(() => import('../features/smart-commits/smart-commits-page.tsx'), 'SmartCommitsPage'),
})

const deliveries = createRoute({
  getParentRoute: () => administration,
  path: '/deliveries',
  validateSearch: (search): { delivery?: string; state?: string; direction?: 'in' | 'out' } => ({
    ...(typeof search['delivery'] === 'string' ? { delivery: search['delivery'] } : {}),
    ...(typeof search['state'] === 'string' ? { state: search['state'] } : {}),
    ...(search['direction'] === 'in' || search['direction'] === 'out' ? { direction: search['direction'] } : {}),
  }),
  component: lazyRouteComponent(() => import('../features/deliveries/deliveries-page.tsx'), 'DeliveriesPage'),
})

const explain = createRoute({
  getParentRoute: () => administration,
  path: '/explain',
  validateSearch: (search): { ref?: string } => (typeof search['ref'] === 'string' ? { ref: search['ref'] } : {}),
  component: lazyRouteComponent(() => import('../features/explain/explain-page.tsx'), 'ExplainPage'),
})

const settings = createRoute({
  getParentRoute: () => administration,
  path: '/settings',
  component: lazyRouteComponent(() => import('../features/settings/settings-page.tsx'), 'SettingsPage'),
})

const settingsPart = createRoute({
  getParentRoute: () => administration,
  path: '/settings/$part',
  component: lazyRouteComponent(() => import('../features/settings/settings-page.tsx'), 'SettingsPage'),
})

const docs = createRoute({
  getParentRoute: () => signedIn,
  path: '/docs',
  component: lazyRouteComponent(() => import('../features/docs/docs-page.tsx'), 'DocsPage'),
})

const docsPage = createRoute({
  getParentRoute: () => signedIn,
  path: '/docs/$name',
  component: lazyRouteComponent(() => import('../features/docs/docs-page.tsx'), 'DocsPage'),
})

const routeTree = rootRoute.addChildren([
  signIn,
  setup,
  signedIn.addChildren([
    noPermission,
    profile,
    panel,
    docs,
    docsPage,
    administration.addChildren([
      overview,
      accounts,
      linkAccount,
      account,
      repository,
      triggers,
      newTrigger,
      trigger,
      smartCommits,
      deliveries,
      explain,
      settings,
      settingsPart,
    ]),
  ]),
])

export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    basepath: new URL(document.baseURI).pathname,
    defaultPreload: 'intent',
    defaultPendingComponent: PendingPage,
    defaultErrorComponent: BrokenPage,
    scrollRestoration: true,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    readonly router: ReturnType<typeof createAppRouter>
  }
}
