// Part 2 of 5 of the Development panel, see panel.js: reads the issue property, which is hostile text of unknown shape.

;(function () {
  'use strict'

  const MOST_ENTRIES = 500
  const MOST_TEXT = 4000

  /** @param {unknown} value @returns {JiraDvcsFields} */
  function fieldsOf(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? /** @type {JiraDvcsFields} */ (value) : {}
  }

  /** @param {unknown} value @returns {unknown[]} */
  function listOf(value) {
    return Array.isArray(value) ? value.slice(0, MOST_ENTRIES) : []
  }

  /** Without what would turn the text around it the other way, or hide. @param {unknown} value @returns {string} */
  function textOf(value) {
    if (typeof value === 'number') return String(value)
    if (typeof value !== 'string') return ''
    return value.slice(0, MOST_TEXT).replace(/(?![\n\t])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
  }

  /** @param {unknown} value @returns {number} */
  function countOf(value) {
    return typeof value === 'number' && isFinite(value) && value > 0 ? Math.floor(value) : 0
  }

  /** @param {unknown} value @returns {Date | null} */
  function dateOf(value) {
    const date = new Date(textOf(value))
    return textOf(value) === '' || isNaN(date.getTime()) ? null : date
  }

  /** @param {JiraDvcsIssue} issue @param {JiraDvcsAddresses} addresses @param {unknown} value @returns {JiraDvcsDevelopment} */
  function toDevelopment(issue, addresses, value) {
    const fields = fieldsOf(value)
    const summary = fieldsOf(fields.summary)
    const requests = fieldsOf(summary.pullRequests)
    const builds = fieldsOf(summary.builds)
    const environments = listOf(fieldsOf(summary.deployments).environments)
    /** @param {JiraDvcsKind} kind @param {string} dateField */
    const entriesOf = (kind, dateField) => {
      /** @type {JiraDvcsEntry[]} */
      const entries = []
      for (const item of listOf(fields.repositories)) {
        const repository = fieldsOf(item)
        const frame = { repository: textOf(repository.name), url: textOf(repository.url) }
        for (const entry of listOf(repository[kind])) entries.push(Object.assign({ value: fieldsOf(entry) }, frame))
      }
      const at = (/** @type {JiraDvcsEntry} */ { value: one }) => (dateOf(one[dateField]) || new Date(8640000000000000)).getTime()
      return dateField === '' ? entries : entries.sort((a, b) => at(b) - at(a))
    }
    const entries = {
      branches: entriesOf('branches', ''),
      commits: entriesOf('commits', 'authoredAt'),
      pullRequests: entriesOf('pullRequests', 'updatedAt'),
      builds: entriesOf('builds', 'finishedAt'),
      deployments: entriesOf('deployments', 'finishedAt'),
    }
    return {
      issue: issue.key || textOf(fields.issue),
      asOf: dateOf(fields.asOf),
      addresses,
      truncated: fields.truncated === true,
      summary,
      counts: {
        branches: countOf(summary.branches),
        commits: countOf(summary.commits),
        pullRequests: countOf(requests.open) + countOf(requests.merged) + countOf(requests.declined),
        // No state counts the cancelled ones.
        builds: Math.max(countOf(builds.successful) + countOf(builds.failed) + countOf(builds.inProgress), entries.builds.length),
        deployments: environments.length,
      },
      entries,
    }
  }

  Object.assign(window.jiraDvcs, { data: { fieldsOf, listOf, textOf, countOf, dateOf, toDevelopment } })
})()
