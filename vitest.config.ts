import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Real git, real databases and real servers: two cores carry two files at once.
    maxWorkers: 2,
    pool: 'forks',
  },
})
