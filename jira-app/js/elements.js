// Part 3 of 5 of the Development panel, see panel.js: elements. Data only becomes text nodes and checked links.

;(function () {
  'use strict'

  const ELSEWHERE = 'Opens the issue in the connector: this app does not know the host of the link.'

  /**
   * @template {keyof HTMLElementTagNameMap} Tag
   * @param {Tag} tag
   * @param {{ [attribute: string]: string }} attributes
   * @param {...(Node | string | null)} children
   * @returns {HTMLElementTagNameMap[Tag]}
   */
  function make(tag, attributes, ...children) {
    const element = document.createElement(tag)
    for (const name of Object.keys(attributes)) element.setAttribute(name, attributes[name] || '')
    for (const child of children) if (child !== null) element.append(child)
    return element
  }

  /**
   * A link; just its text when the address is none.
   * @param {JiraDvcsAddresses} addresses
   * @param {unknown} address
   * @param {string} text
   */
  function link(addresses, address, text) {
    const target = addresses.find(address)
    if (target === null) return make('span', {}, text)
    const hint = target.isDirect ? {} : { title: ELSEWHERE }
    return make('a', Object.assign({ href: target.href, rel: 'noopener noreferrer' }, hint), text)
  }

  /** @param {string} text @param {string} colour @param {string} [title] */
  function lozenge(text, colour, title) {
    const look = colour === '' ? '' : ' aui-lozenge-' + colour
    return make('span', Object.assign({ class: 'aui-lozenge aui-lozenge-subtle' + look }, title ? { title } : {}), text)
  }

  /** "5 minutes ago" in the words of Jira's own dates. @param {Date} date */
  function ago(date) {
    const seconds = Math.max(0, (new Date().getTime() - date.getTime()) / 1000)
    const minutes = seconds / 60
    const hours = minutes / 60
    const days = hours / 24
    if (seconds < 45) return 'a few seconds ago'
    if (seconds < 90) return 'a minute ago'
    if (minutes < 45) return Math.round(minutes) + ' minutes ago'
    if (minutes < 90) return 'an hour ago'
    if (hours < 22) return Math.round(hours) + ' hours ago'
    if (hours < 36) return 'a day ago'
    if (days < 26) return Math.round(days) + ' days ago'
    if (days < 45) return 'a month ago'
    if (days < 320) return Math.round(days / 30.4) + ' months ago'
    return days < 548 ? 'a year ago' : Math.round(days / 365) + ' years ago'
  }

  /** @param {Date | null} date @param {string} [absent] @returns {Node} */
  function when(date, absent) {
    if (date === null) return document.createTextNode(absent || '')
    return make('time', { datetime: date.toISOString(), title: date.toLocaleString(), 'data-jira-dvcs-ago': '' }, ago(date))
  }

  /** @param {Date} date */
  function clockTime(date) {
    const time = date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hour12: false })
    const today = date.toDateString() === new Date().toDateString()
    return today ? time : date.toLocaleDateString([], { day: 'numeric', month: 'short' }) + ' ' + time
  }

  /** @param {number} count @param {string} one @param {string} many */
  function counted(count, one, many) {
    return count + ' ' + (count === 1 ? one : many)
  }

  Object.assign(window.jiraDvcs, { elements: { make, link, lozenge, ago, when, clockTime, counted } })
})()
