// The Development panel inside Jira: reads the issue property that the connector writes, from Jira itself, and shows it.
// Jira joins the scripts of all apps into one file, so these are classic scripts of ES2018 in functions of their own, with
// one global name, `jiraDvcs`; loaded in this order: addresses.js, development.js, elements.js, details.js, panel.js.

;(function () {
  'use strict'

  const { fieldsOf, listOf, textOf, countOf, dateOf, toDevelopment } = window.jiraDvcs.data
  const { make, link, lozenge, ago, when, clockTime, counted } = window.jiraDvcs.elements
  const { addressesOf, details } = window.jiraDvcs

  const PROPERTY = 'dvcs-development'
  /** @type {JiraDvcsKind[]} */
  const KINDS = ['branches', 'commits', 'pullRequests', 'builds', 'deployments']

  // Asking often while somebody works on the page, seldom in forgotten tabs.
  const ASK_AFTER_MS = [
    { idleMs: 120000, everyMs: 5000 },
    { idleMs: 600000, everyMs: 20000 },
    { idleMs: Infinity, everyMs: 120000 },
  ]
  const LONGEST_BACK_OFF_MS = 300000

  /** @type {Map<Element, JiraDvcsPanel>} */
  const panels = new Map()
  let activeAt = performance.now()
  let scanIsDue = false

  /** Lozenges by state; the number only where states differ. @param {[string, number, string][]} states */
  function stateLozenges(states) {
    const present = states.filter(([, count]) => count > 0)
    const single = present.length === 1
    return make(
      'span',
      { class: 'jira-dvcs-lozenges' },
      ...present.map(([state, count, colour]) => lozenge(single ? state : count + ' ' + state, colour)),
    )
  }

  /** @param {JiraDvcsDevelopment} development @param {JiraDvcsKind} kind @param {string} field */
  function newest(development, kind, field) {
    const dates = development.entries[kind].map(({ value }) => dateOf(value[field])).filter((date) => date !== null)
    return dates.length === 0 ? null : new Date(Math.max(...dates.map((date) => date.getTime())))
  }

  /** @param {JiraDvcsDevelopment} development @returns {{ kind: JiraDvcsKind, text: string, extra: Node | null, prefix: string, at: Date | null }[]} */
  function rowsOf(development) {
    const { counts, summary } = development
    const requests = fieldsOf(summary.pullRequests)
    const builds = fieldsOf(summary.builds)
    const environments = listOf(fieldsOf(summary.deployments).environments).map(textOf)
    const shown = environments.slice(0, 3).join(', ')
    const deployments = development.entries.deployments.length
    const more = environments.length > 3 ? ' and ' + (environments.length - 3) + ' more' : ''
    /** @type {[string, number, string][]} */
    const requestStates = [
      ['OPEN', countOf(requests.open), 'current'],
      ['MERGED', countOf(requests.merged), 'success'],
      ['DECLINED', countOf(requests.declined), 'error'],
    ]
    /** @type {[string, number, string][]} */
    const buildStates = [
      ['FAILED', countOf(builds.failed), 'error'],
      ['IN PROGRESS', countOf(builds.inProgress), 'current'],
      ['SUCCESSFUL', countOf(builds.successful), 'success'],
    ]
    /** @type {{ kind: JiraDvcsKind, text: string, extra: Node | null, prefix: string, at: Date | null }[]} */
    const rows = [
      { kind: 'branches', text: counted(counts.branches, 'branch', 'branches'), extra: null, prefix: '', at: null },
      {
        kind: 'commits',
        text: counted(counts.commits, 'commit', 'commits'),
        extra: null,
        prefix: 'Latest ',
        at: newest(development, 'commits', 'authoredAt'),
      },
      {
        kind: 'pullRequests',
        text: counted(counts.pullRequests, 'pull request', 'pull requests'),
        extra: stateLozenges(requestStates),
        prefix: 'Updated ',
        at: newest(development, 'pullRequests', 'updatedAt'),
      },
      {
        kind: 'builds',
        text: counted(counts.builds, 'build', 'builds'),
        extra: stateLozenges(buildStates),
        prefix: 'Latest ',
        at: newest(development, 'builds', 'finishedAt'),
      },
      {
        kind: 'deployments',
        text: shown === '' ? counted(deployments, 'deployment', 'deployments') : 'Deployed to ' + shown + more,
        extra: null,
        prefix: 'Latest ',
        at: newest(development, 'deployments', 'finishedAt'),
      },
    ]
    return rows.filter(({ kind }) => counts[kind] > 0 || development.entries[kind].length > 0)
  }

  /** @param {Element} container @param {JiraDvcsPanel} panel @param {{ kind: JiraDvcsKind, text: string }} row */
  function opener(container, panel, { kind, text }) {
    const { development } = panel
    // A browser from before 2022 may know no dialogs.
    const isPlain = development === null || development.entries[kind].length === 0 || typeof HTMLDialogElement !== 'function'
    if (isPlain) {
      return development === null ? make('span', {}, text) : link(development.addresses, development.addresses.panel, text)
    }
    const button = make('button', { type: 'button', class: 'jira-dvcs-open', 'data-kind': kind, 'aria-haspopup': 'dialog' }, text)
    button.addEventListener('click', () => details.show(container, panel, kind))
    return button
  }

  /** @param {JiraDvcsDevelopment} development @param {string | null} problem */
  function note(development, problem) {
    const { asOf, truncated, addresses, entries } = development
    const line = make('p', { class: 'jira-dvcs-note' })
    if (problem !== null) line.append(make('span', { class: 'jira-dvcs-warning' }, problem), ' ')
    if (asOf !== null) line.append(make('span', { title: asOf.toLocaleString() }, 'as of ' + clockTime(asOf)))
    const partly = truncated || KINDS.every((kind) => entries[kind].length === 0)
    if (!partly || addresses.panel === null) return line
    if (truncated) line.append(asOf === null ? 'The newest are shown here. ' : ', the newest are shown here. ')
    else if (asOf !== null) line.append(' · ')
    line.append(link(addresses, addresses.panel, truncated ? 'Show all' : 'Show details'))
    return line
  }

  /** The module around the container that Jira draws: title and frame go with it. @param {Element} container @param {boolean} visible */
  function setModuleVisible(container, visible) {
    const module = container.closest('#dvcs-development-panel') || container.closest('.module') || container
    if (module instanceof HTMLElement) module.style.display = visible ? '' : 'none'
  }

  /** @param {Element} container @param {JiraDvcsPanel} panel */
  function renderPanel(container, panel) {
    const { development, problem } = panel
    setModuleVisible(container, development !== null || problem !== null)
    const focused = document.activeElement
    const focusedKind = focused !== null && container.contains(focused) ? focused.getAttribute('data-kind') : null
    /** @type {Node[]} */
    const content = []
    if (development !== null) {
      const rows = rowsOf(development).map((row) => {
        const date = row.at === null ? null : make('span', { class: 'jira-dvcs-when' }, row.prefix, when(row.at))
        return make('li', { class: 'jira-dvcs-row' }, opener(container, panel, row), row.extra, date)
      })
      if (rows.length > 0) content.push(make('ul', { class: 'jira-dvcs-rows' }, ...rows))
      else content.push(make('div', { class: 'jira-dvcs-subtle' }, 'No development information'))
      content.push(note(development, problem))
    } else if (problem !== null) {
      content.push(make('p', { class: 'jira-dvcs-note jira-dvcs-warning' }, problem))
    }
    container.textContent = ''
    for (const node of content) container.append(node)
    const again = focusedKind === null ? null : container.querySelector('[data-kind="' + focusedKind + '"]')
    if (again instanceof HTMLElement) again.focus()
  }

  function contextPath() {
    if (typeof window.contextPath === 'string') return window.contextPath
    if (window.AJS !== undefined && typeof window.AJS.contextPath === 'function') return String(window.AJS.contextPath())
    return metaOf('ajs-context-path')
  }

  /** @param {string} name */
  function metaOf(name) {
    const meta = document.querySelector('meta[name="' + name + '"]')
    return (meta === null ? null : meta.getAttribute('content')) || ''
  }

  /** The issue nearest to the container: in split view the page's own mark can be another one's. @param {Element} container @returns {JiraDvcsIssue | null} */
  function findIssue(container) {
    // A Velocity reference that was not filled in stays in the text with its sign.
    const own = (container.getAttribute('data-issue-id') || '').trim()
    if (/^\d+$/.test(own)) return { id: own, key: keyOf(container.getAttribute('data-issue-key')) }
    for (let element = container.parentElement; element !== null; element = element.parentElement) {
      const link = element.querySelector('#key-val[rel]')
      const id = link === null ? '' : link.getAttribute('rel') || ''
      if (link !== null && /^\d+$/.test(id)) return { id, key: keyOf(link.getAttribute('data-issue-key')) }
      const card = element.querySelector('#ghx-detail-issue')
      const cardKey = card === null ? '' : keyOf(card.getAttribute('data-issuekey'))
      if (card !== null && cardKey !== '') return { id: card.getAttribute('data-issueid') || cardKey, key: cardKey }
    }
    const key = keyOf(metaOf('ajs-issue-key'))
    return key === '' ? null : { id: key, key }
  }

  /** @param {string | null} text */
  function keyOf(text) {
    return text !== null && /^[A-Z][A-Z0-9_]*-\d+$/.test(text) ? text : ''
  }

  /** What to say; null: no data is there. @param {number} status */
  function problemOf(status) {
    if (status === 404) return null
    if (status === 401 || status === 403) return 'Sign in to Jira again to see development information.'
    if (status === 429) return 'Jira is busy, development information follows.'
    return 'Jira did not give the development information.'
  }

  /** Jira tells who asked: without a session an issue may be hidden instead of refused. @param {Response} answer */
  function isAnonymous(answer) {
    return answer.headers.get('X-AUSERNAME') === 'anonymous'
  }

  /** @param {Element} container @param {JiraDvcsPanel} panel */
  async function ask(container, panel) {
    if (panel.request !== null) panel.request.abort()
    const request = new AbortController()
    panel.request = request
    panel.askedAt = performance.now()
    const address = contextPath() + '/rest/api/2/issue/' + encodeURIComponent(panel.issue.id) + '/properties/' + PROPERTY
    try {
      const answer = await window.fetch(address, {
        credentials: 'same-origin',
        cache: 'no-store',
        headers: { Accept: 'application/json' },
        signal: request.signal,
      })
      const text = answer.ok ? await answer.text() : ''
      // Another issue, or a newer question, took the place of this one.
      if (request.signal.aborted) return
      const status = answer.status === 404 && panel.development !== null && isAnonymous(answer) ? 401 : answer.status
      if (answer.ok) {
        const { value } = fieldsOf(JSON.parse(text))
        const addresses = addressesOf(container, panel.issue.key)
        take(container, panel, { text, development: toDevelopment(panel.issue, addresses, value), problem: null })
      } else if (status === 404) {
        take(container, panel, { text: '', development: null, problem: null })
      } else {
        take(container, panel, { text: panel.text, development: panel.development, problem: problemOf(status) })
      }
      // oxlint-disable-next-line no-unused-vars -- ES2018 has no catch without a name
    } catch (error) {
      // A login page instead of JSON, or no connection.
      if (!request.signal.aborted)
        take(container, panel, { text: panel.text, development: panel.development, problem: problemOf(0) })
    }
    if (panel.request === request) panel.request = null
  }

  /** @param {Element} container @param {JiraDvcsPanel} panel @param {{ text: string, development: JiraDvcsDevelopment | null, problem: string | null }} found */
  function take(container, panel, found) {
    const first = container.childNodes.length === 0
    const changed = found.text !== panel.text || found.problem !== panel.problem
    panel.failures = found.problem === null ? 0 : panel.failures + 1
    if (!changed && !first) return
    Object.assign(panel, found)
    if (container.isConnected) renderPanel(container, panel)
    if (details.openPanel() === panel) details.refresh()
  }

  /** Finds containers that Jira drew or drew anew. */
  function scan() {
    scanIsDue = false
    /** @type {JiraDvcsPanel[]} */
    const gone = []
    for (const [container, panel] of panels) {
      if (container.isConnected) continue
      panels.delete(container)
      gone.push(panel)
      if (panel.request !== null) panel.request.abort()
    }
    document.querySelectorAll('[data-jira-dvcs-panel]').forEach((container) => {
      const issue = findIssue(container)
      const known = panels.get(container)
      if (issue === null) setModuleVisible(container, false)
      else if (known === undefined || known.issue.id !== issue.id) adopt(container, issue, gone)
      // The same element, emptied.
      else if (known.development !== null && container.childNodes.length === 0) renderPanel(container, known)
    })
  }

  /** @param {Element} container @param {JiraDvcsIssue} issue @param {JiraDvcsPanel[]} gone */
  function adopt(container, issue, gone) {
    const replaced = panels.get(container)
    if (replaced !== undefined && replaced.request !== null) replaced.request.abort()
    // What was shown before Jira drew its page anew is shown again at once, then refreshed.
    const panel = gone.find((one) => one.issue.id === issue.id) || newPanel(issue)
    panels.set(container, panel)
    if (details.openPanel() === panel) details.setOpener(container)
    renderPanel(container, panel)
    void ask(container, panel)
  }

  /** @param {JiraDvcsIssue} issue @returns {JiraDvcsPanel} */
  function newPanel(issue) {
    return { issue, request: null, text: '', development: null, problem: null, askedAt: 0, failures: 0 }
  }

  /** @param {JiraDvcsPanel} panel @param {number} now */
  function isDue(panel, now) {
    const step = ASK_AFTER_MS.find(({ idleMs }) => now - activeAt < idleMs)
    const everyMs = step === undefined ? LONGEST_BACK_OFF_MS : step.everyMs
    return now - panel.askedAt >= Math.min(LONGEST_BACK_OFF_MS, everyMs * Math.pow(2, Math.min(10, panel.failures)))
  }

  /** @param {boolean} atOnce */
  function refresh(atOnce) {
    if (document.visibilityState === 'hidden') return
    const now = performance.now()
    for (const [container, panel] of panels) {
      if (atOnce ? now - panel.askedAt > 1000 : isDue(panel, now)) void ask(container, panel)
    }
    document.querySelectorAll('time[data-jira-dvcs-ago]').forEach((element) => {
      const date = dateOf(element.getAttribute('datetime'))
      if (date !== null && element.textContent !== ago(date)) element.textContent = ago(date)
    })
  }

  function scanSoon() {
    if (scanIsDue) return
    scanIsDue = true
    window.setTimeout(scan, 50)
  }

  function noticePerson() {
    activeAt = performance.now()
  }

  function start() {
    // Jira may load a script again with a part of the page.
    if (window.jiraDvcs.isRunning === true) return
    window.jiraDvcs.isRunning = true
    scan()
    new MutationObserver(scanSoon).observe(document.body, { childList: true, subtree: true })
    for (const type of ['pointerdown', 'keydown', 'scroll'])
      document.addEventListener(type, noticePerson, { capture: true, passive: true })
    const comeBack = () => {
      if (document.visibilityState === 'hidden') return
      noticePerson()
      refresh(true)
    }
    window.addEventListener('focus', comeBack)
    document.addEventListener('visibilitychange', comeBack)
    window.setInterval(() => refresh(false), 1000)
    const { JIRA } = window
    // Only jQuery hears Jira's own events.
    if (
      JIRA !== undefined &&
      typeof JIRA.bind === 'function' &&
      JIRA.Events !== undefined &&
      typeof JIRA.Events.ISSUE_REFRESHED === 'string'
    ) {
      JIRA.bind(JIRA.Events.ISSUE_REFRESHED, () => refresh(true))
    }
  }

  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start)
  else start()
})()
