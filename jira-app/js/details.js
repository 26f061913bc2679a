// Part 4 of 5 of the Development panel, see panel.js: the dialog with the details.

;(function () {
  'use strict'

  const { fieldsOf, listOf, textOf, countOf, dateOf } = window.jiraDvcs.data
  const { make, link, lozenge, when, clockTime, counted } = window.jiraDvcs.elements

  /** @type {JiraDvcsKind[]} */
  const KINDS = ['branches', 'commits', 'pullRequests', 'builds', 'deployments']
  /** @type {{ [kind in JiraDvcsKind]: string }} */
  const TITLES = {
    branches: 'Branches',
    commits: 'Commits',
    pullRequests: 'Pull requests',
    builds: 'Builds',
    deployments: 'Deployments',
  }
  /** @type {{ [state: string]: string }} */
  const REQUEST_COLOURS = { OPEN: 'current', MERGED: 'success', DECLINED: 'error' }
  /** @type {{ [state: string]: string }} */
  const RUN_COLOURS = { SUCCESSFUL: 'success', FAILED: 'error', IN_PROGRESS: 'current', PENDING: '', CANCELLED: '', UNKNOWN: '' }

  /** @type {{ dialog: HTMLDialogElement, panel: JiraDvcsPanel, kind: JiraDvcsKind, opener: { container: Element, kind: JiraDvcsKind } } | null} */
  let open = null

  /** @param {string} text @returns {[string, string]} */
  function titleAndBody(text) {
    const at = text.indexOf('\n')
    return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1).trim()]
  }

  /** @param {JiraDvcsFields} value */
  function messageCell(value) {
    const [title, body] = titleAndBody(textOf(value.message))
    if (body === '') return title
    return make('details', {}, make('summary', {}, title), make('p', { class: 'jira-dvcs-body' }, body))
  }

  /** @param {JiraDvcsFields} value */
  function filesCell(value) {
    const files = listOf(value.files).map(fieldsOf)
    if (typeof value.fileCount !== 'number') return ''
    const count = counted(countOf(value.fileCount), 'file', 'files')
    if (files.length === 0) return count
    const items = files.map((file) => {
      const lines =
        typeof file.added === 'number' || typeof file.removed === 'number'
          ? ' +' + countOf(file.added) + ' -' + countOf(file.removed)
          : ''
      return make(
        'li',
        {},
        lozenge(textOf(file.change), file.change === 'ADDED' ? 'success' : file.change === 'DELETED' ? 'error' : ''),
        ' ' + textOf(file.path) + lines,
      )
    })
    return make('details', {}, make('summary', {}, count), make('ul', { class: 'jira-dvcs-files' }, ...items))
  }

  /** @param {JiraDvcsFields} value @param {{ [state: string]: string }} colours @param {unknown} state */
  function stateCell(value, colours, state) {
    const text = textOf(state).replace(/_/g, ' ')
    const draft = value.draft === true ? lozenge('DRAFT', 'moved') : null
    const name = textOf(state)
    const colour = Object.prototype.hasOwnProperty.call(colours, name) ? colours[name] || '' : ''
    return make('span', { class: 'jira-dvcs-lozenges' }, lozenge(text, colour), draft)
  }

  /** @param {JiraDvcsFields} value */
  function reviewersCell(value) {
    const reviewers = listOf(value.reviewers).map(fieldsOf)
    if (reviewers.length === 0) return ''
    const items = reviewers.map(({ name, state }) => {
      const mark =
        state === 'APPROVED' ? lozenge('APPROVED', 'success') : state === 'NEEDS_WORK' ? lozenge('NEEDS WORK', 'moved') : null
      return make('li', {}, textOf(name), ' ', mark)
    })
    return make('ul', { class: 'jira-dvcs-reviewers' }, ...items)
  }

  /** The pull request of a branch of the same repository, if one is known. @param {JiraDvcsDevelopment} development @param {JiraDvcsEntry} branch */
  function requestOf(development, branch) {
    const found = development.entries.pullRequests.find(
      ({ repository, value }) => repository === branch.repository && textOf(value.sourceBranch) === textOf(branch.value.name),
    )
    return found === undefined ? null : found.value
  }

  /** @param {JiraDvcsFields} value */
  function authorOf(value) {
    return textOf(fieldsOf(value.author).name)
  }

  /** Nothing where they were not counted, as while a build runs. @param {JiraDvcsFields} value */
  function jobsCell(value) {
    const { total, successful, failed } = fieldsOf(value.jobs)
    if (typeof total !== 'number') return ''
    if (countOf(total) === 0) return 'None'
    const passed = countOf(successful) + ' of ' + counted(countOf(total), 'job', 'jobs') + ' passed'
    return countOf(failed) === 0 ? passed : passed + ', ' + countOf(failed) + ' failed'
  }

  /** GitLab calls it the tier. @param {JiraDvcsFields} value */
  function tierCell(value) {
    const tier = textOf(value.environmentType)
    return tier === 'unmapped' ? 'Other' : tier.charAt(0).toUpperCase() + tier.slice(1)
  }

  /** @type {{ [kind in JiraDvcsKind]: (development: JiraDvcsDevelopment) => JiraDvcsColumn[] }} */
  const COLUMNS = {
    branches: (development) => [
      { label: 'Repository', cell: ({ repository, url }) => link(development.addresses, url, repository) },
      {
        label: 'Branch',
        className: 'jira-dvcs-wide',
        cell: ({ value }) => link(development.addresses, value.url, textOf(value.name)),
      },
      {
        label: 'Pull request',
        cell: (branch) => {
          const request = requestOf(development, branch)
          if (request === null) return ''
          return make(
            'span',
            { class: 'jira-dvcs-lozenges' },
            link(development.addresses, request.url, '#' + textOf(request.id)),
            stateCell(request, REQUEST_COLOURS, request.status),
          )
        },
      },
      {
        label: 'Action',
        cell: (branch) => {
          const create = branch.value.createPullRequestUrl
          if (development.addresses.find(create) === null || requestOf(development, branch) !== null) return ''
          return link(development.addresses, create, 'Create pull request')
        },
      },
    ],
    commits: ({ addresses }) => [
      { label: 'Author', cell: ({ value }) => authorOf(value) },
      { label: 'Commit', className: 'jira-dvcs-tight', cell: ({ value }) => commitCell(addresses, value) },
      { label: 'Message', className: 'jira-dvcs-wide', cell: ({ value }) => messageCell(value) },
      { label: 'Date', className: 'jira-dvcs-tight', cell: ({ value }) => when(dateOf(value.authoredAt)) },
      { label: 'Files', cell: ({ value }) => filesCell(value) },
    ],
    pullRequests: ({ addresses }) => [
      { label: 'ID', className: 'jira-dvcs-id', cell: ({ value }) => link(addresses, value.url, '#' + textOf(value.id)) },
      { label: 'Title', className: 'jira-dvcs-wide', cell: ({ value }) => requestTitle(addresses, value) },
      { label: 'Status', cell: ({ value }) => stateCell(value, REQUEST_COLOURS, value.status) },
      { label: 'Author', cell: ({ value }) => authorOf(value) },
      { label: 'Reviewers', cell: ({ value }) => reviewersCell(value) },
      { label: 'Updated', className: 'jira-dvcs-tight', cell: ({ value }) => when(dateOf(value.updatedAt)) },
    ],
    builds: ({ addresses }) => [
      { label: 'Build', className: 'jira-dvcs-id', cell: ({ value }) => link(addresses, value.url, '#' + textOf(value.number)) },
      { label: 'Branch', className: 'jira-dvcs-wide', cell: ({ value }) => textOf(value.ref) },
      { label: 'Status', cell: ({ value }) => stateCell(value, RUN_COLOURS, value.state) },
      { label: 'Jobs', cell: ({ value }) => jobsCell(value) },
      { label: 'Completed', className: 'jira-dvcs-tight', cell: ({ value }) => when(dateOf(value.finishedAt), 'Under way') },
    ],
    deployments: ({ addresses }) => [
      {
        label: 'Environment',
        className: 'jira-dvcs-wide',
        cell: ({ value }) => link(addresses, value.url, textOf(value.environment)),
      },
      { label: 'Type', cell: ({ value }) => tierCell(value) },
      { label: 'Status', cell: ({ value }) => stateCell(value, RUN_COLOURS, value.state) },
      { label: 'Completed', className: 'jira-dvcs-tight', cell: ({ value }) => when(dateOf(value.finishedAt), 'Under way') },
    ],
  }

  /** @param {JiraDvcsAddresses} addresses @param {JiraDvcsFields} value */
  function commitCell(addresses, value) {
    const commit = link(addresses, value.url, textOf(value.displayId))
    commit.className = 'jira-dvcs-sha'
    return value.merge === true ? make('span', { class: 'jira-dvcs-lozenges' }, commit, lozenge('M', '', 'Merge commit')) : commit
  }

  /** @param {JiraDvcsAddresses} addresses @param {JiraDvcsFields} value */
  function requestTitle(addresses, value) {
    const branches = textOf(value.sourceBranch) + ' \u2192 ' + textOf(value.targetBranch)
    return make('span', {}, link(addresses, value.url, textOf(value.title)), make('div', { class: 'jira-dvcs-subtle' }, branches))
  }

  /** @param {JiraDvcsColumn[]} columns @param {JiraDvcsEntry[]} entries @param {string} caption */
  function table(columns, entries, caption) {
    const head = make(
      'tr',
      {},
      ...columns.map(({ label, className }) =>
        make('th', Object.assign({ scope: 'col' }, className ? { class: className } : {}), label),
      ),
    )
    const rows = entries.map((entry) =>
      make(
        'tr',
        entry.value.merge === true ? { class: 'jira-dvcs-merge' } : {},
        ...columns.map(({ label, className, cell }) =>
          make('td', Object.assign({ 'data-label': label }, className ? { class: className } : {}), cellOf(cell(entry))),
        ),
      ),
    )
    const title = make('caption', { class: 'jira-dvcs-hidden-text' }, caption)
    return make('table', { class: 'jira-dvcs-table' }, title, make('thead', {}, head), make('tbody', {}, ...rows))
  }

  /** Text is wrapped, so that the narrow layout can place it. @param {Node | string} content */
  function cellOf(content) {
    return typeof content === 'string' ? make('span', {}, content) : content
  }

  /** @param {JiraDvcsDevelopment} development @param {JiraDvcsKind} kind @returns {Node[]} */
  function detailsOf(development, kind) {
    const entries = development.entries[kind]
    const { addresses } = development
    const columns = COLUMNS[kind](development)
    /** @type {Node[]} */
    const content = []
    if (kind === 'branches') content.push(table(columns, entries, TITLES[kind]))
    else {
      for (const name of new Set(entries.map(({ repository }) => repository))) {
        const own = entries.filter(({ repository }) => repository === name)
        content.push(make('h3', {}, link(addresses, own[0] === undefined ? '' : own[0].url, name)))
        content.push(table(columns, own, TITLES[kind] + ' in ' + name))
      }
    }
    const left = kind === 'deployments' ? 0 : development.counts[kind] - entries.length
    if (left > 0 || (kind === 'deployments' && development.truncated)) {
      const text = left > 0 ? 'And ' + left + ' more. ' : 'There may be more. '
      content.push(
        make(
          'p',
          { class: 'jira-dvcs-note' },
          text,
          addresses.panel === null ? null : link(addresses, addresses.panel, 'Show all'),
        ),
      )
    }
    return content
  }

  /** @param {Element} container @param {JiraDvcsPanel} panel @param {JiraDvcsKind} kind */
  function showDialog(container, panel, kind) {
    if (open !== null) open.dialog.close()
    const dialog = make('dialog', { class: 'jira-dvcs-dialog', 'aria-labelledby': 'jira-dvcs-dialog-title' })
    open = { dialog, panel, kind, opener: { container, kind } }
    renderDialog()
    dialog.addEventListener('close', () => {
      const shown = open
      dialog.remove()
      if (shown === null || shown.dialog !== dialog) return
      open = null
      const button = shown.opener.container.querySelector('[data-kind="' + shown.opener.kind + '"]')
      if (button instanceof HTMLElement) button.focus()
    })
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog) dialog.close()
    })
    // Jira's keyboard shortcuts listen on the document.
    for (const type of ['keydown', 'keypress', 'keyup']) dialog.addEventListener(type, (event) => event.stopPropagation())
    document.body.append(dialog)
    dialog.showModal()
    const selected = dialog.querySelector('[role="tab"][aria-selected="true"]')
    if (selected instanceof HTMLElement) selected.focus()
  }

  /** @param {JiraDvcsKind} kind */
  function selectTab(kind) {
    if (open === null) return
    open.kind = kind
    renderDialog()
    const tab = open.dialog.querySelector('[role="tab"][aria-selected="true"]')
    if (tab instanceof HTMLElement) tab.focus()
  }

  /** @param {KeyboardEvent} event @param {JiraDvcsKind[]} kinds @param {JiraDvcsKind} kind */
  function moveTab(event, kinds, kind) {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    const at =
      event.key === 'Home'
        ? 0
        : event.key === 'End'
          ? kinds.length - 1
          : (kinds.indexOf(kind) + step + kinds.length) % kinds.length
    const target = kinds[at]
    if ((step === 0 && event.key !== 'Home' && event.key !== 'End') || target === undefined) return
    event.preventDefault()
    selectTab(target)
  }

  /** @param {JiraDvcsDevelopment} development @param {JiraDvcsKind} selected */
  function tabsOf(development, selected) {
    const kinds = KINDS.filter((kind) => development.entries[kind].length > 0)
    const tabs = kinds.map((kind) => {
      const chosen = kind === selected
      const attributes = {
        type: 'button',
        role: 'tab',
        id: 'jira-dvcs-tab-' + kind,
        'aria-selected': String(chosen),
        'aria-controls': 'jira-dvcs-details',
        tabindex: chosen ? '0' : '-1',
      }
      const count = kind === 'deployments' ? development.entries.deployments.length : development.counts[kind]
      const tab = make('button', attributes, TITLES[kind] + ' (' + count + ')')
      tab.addEventListener('click', () => selectTab(kind))
      tab.addEventListener('keydown', (event) => moveTab(event, kinds, kind))
      return tab
    })
    return make('div', { class: 'jira-dvcs-tabs', role: 'tablist', 'aria-label': 'Development information' }, ...tabs)
  }

  function renderDialog() {
    if (open === null) return
    const { dialog, panel } = open
    const { development } = panel
    const kind = development === null ? undefined : [open.kind, ...KINDS].find((one) => development.entries[one].length > 0)
    if (development === null || kind === undefined) {
      dialog.close()
      return
    }
    open.kind = kind
    const before = dialog.querySelector('.jira-dvcs-scroll')
    const scroll = before === null ? 0 : before.scrollTop
    const focused = dialog.contains(document.activeElement) ? document.activeElement : null
    const focusedId = focused === null ? '' : focused.id
    const close = make(
      'button',
      { type: 'button', class: 'jira-dvcs-close', id: 'jira-dvcs-close', 'aria-label': 'Close' },
      '\u00d7',
    )
    close.addEventListener('click', () => dialog.close())
    const details = make(
      'div',
      {
        class: 'jira-dvcs-scroll',
        id: 'jira-dvcs-details',
        role: 'tabpanel',
        tabindex: '0',
        'aria-labelledby': 'jira-dvcs-tab-' + kind,
      },
      ...detailsOf(development, kind),
    )
    const asOf = development.asOf === null ? '' : 'as of ' + clockTime(development.asOf)
    dialog.textContent = ''
    dialog.append(
      make(
        'header',
        {},
        make(
          'h2',
          { id: 'jira-dvcs-dialog-title' },
          development.issue === '' ? 'Development' : development.issue + ': Development',
        ),
        close,
      ),
      tabsOf(development, kind),
      details,
      make('footer', {}, asOf),
    )
    details.scrollTop = scroll
    const again = focusedId === '' ? null : dialog.querySelector('#' + focusedId)
    if (again instanceof HTMLElement) again.focus()
  }

  /** The panel whose details are open. */
  function openPanel() {
    return open === null ? null : open.panel
  }

  /** Jira drew the panel anew: the focus goes back to the new one. @param {Element} container */
  function setOpener(container) {
    if (open !== null) open.opener.container = container
  }

  Object.assign(window.jiraDvcs, { details: { show: showDialog, refresh: renderDialog, openPanel, setOpener } })
})()
