import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/** Ends the run with a line that scripts can read: `N passed, N failed`. What could not even start counts as failed. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    let passed = 0
    let failed = unhandledErrors.length
    for (const module of modules) {
      const states = [...module.children.allTests()].map((test) => test.result().state)
      const failures = states.filter((state) => state === 'failed').length
      passed += states.filter((state) => state === 'passed').length
      failed += failures === 0 && module.state() === 'failed' ? 1 : failures
    }
    process.on('exit', () => console.log(`${passed} passed, ${failed} failed`))
  }
}
