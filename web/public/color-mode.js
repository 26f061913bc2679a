// Before anything is painted: the colour mode that was chosen, else the system's.
;(function () {
  var chosen = null
  try {
    chosen = localStorage.getItem('color-mode')
  } catch {
    // No storage: the system's mode.
  }
  var dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-color-mode', dark ? 'dark' : 'light')
})()
