import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{src,web,test,bench,e2e}/**/*.test.ts'],
    globalSetup: ['test/postgres/global-setup.ts'],
    reporters: ['default', './test/summary-reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    // Real git, real databases and real servers: two cores carry two files at once.
    maxWorkers: 2,
    pool: 'forks',
  },
})
