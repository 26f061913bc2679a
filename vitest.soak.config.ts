import { defineConfig } from 'vitest/config'
import everyday from './vitest.config.ts'

/** What takes minutes to show: `npm run test:soak`. */
export default defineConfig({ test: { ...everyday.test, include: ['test/soak/*.soak.ts'] } })
