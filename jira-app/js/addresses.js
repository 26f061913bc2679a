// Part 1 of 5 of the Development panel, see panel.js: where links may lead. The issue property is hostile; what decides was packed
// into the app with the panel's element: the connector's address and those of the Git hosts whose accounts are linked.

;(function () {
  'use strict'

  /**
   * A whole http(s) address; none with a name before the host, which would pass for one.
   * @param {unknown} value
   * @returns {URL | null}
   */
  function parse(value) {
    if (typeof value !== 'string') return null
    try {
      const url = new URL(value)
      const isPlain = url.username === '' && url.password === ''
      return isPlain && (url.protocol === 'https:' || url.protocol === 'http:') ? url : null
      // oxlint-disable-next-line no-unused-vars -- ES2018 has no catch without a name
    } catch (error) {
      return null
    }
  }

  /** Both were parsed: neither case, port, dots nor the alphabet of a name makes a difference. @param {URL} url @param {URL} place */
  function isBelow(url, place) {
    const path = place.pathname.replace(/\/+$/, '')
    return url.origin === place.origin && (url.pathname === path || url.pathname.indexOf(path + '/') === 0)
  }

  /**
   * @param {Element} container The panel's element, as it was packed.
   * @param {string} key Of the issue, as the page tells it; empty: it does not.
   * @returns {JiraDvcsAddresses}
   */
  function addressesOf(container, key) {
    const base = parse(container.getAttribute('data-base'))
    const hosts = (container.getAttribute('data-hosts') || '').split(' ').map(parse)
    const panel = base === null || key === '' ? null : base.href.replace(/\/+$/, '') + '/issues/' + key
    return {
      panel,
      find(value) {
        const url = parse(value)
        if (url === null) return null
        if ([base, ...hosts].some((place) => place !== null && isBelow(url, place))) return { href: url.href, isDirect: true }
        return panel === null ? null : { href: panel, isDirect: false }
      },
    }
  }

  window.jiraDvcs = Object.assign(window.jiraDvcs || /** @type {JiraDvcs} */ ({}), { addressesOf })
})()
