import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { FlagsProvider } from '@atlaskit/flag'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import 'virtual:atlaskit-themes.css'
import './base.css'
import { ApiError } from '../ui/api.ts'
import { followOpenings } from '../ui/event-stream.ts'
import { followSignOut } from '../ui/session.ts'
import { followSystemColors } from './color-mode.ts'
import { keepFocus } from './keep-focus.ts'
import { createAppRouter } from './router.tsx'

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What the connector refused, it refuses again; what did not reach it may reach it now.
      retry: (failures, error) => failures < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
    },
  },
})

// What was read before the connection began may have changed unheard.
followOpenings(() => {
  void queryClient.invalidateQueries({ predicate: ({ state }) => state.dataUpdatedAt > 0 })
})

followSignOut(queryClient)
keepFocus()

followSystemColors()

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element "root"')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <FlagsProvider>
        <RouterProvider router={createAppRouter(queryClient)} />
      </FlagsProvider>
    </QueryClientProvider>
  </StrictMode>,
)
