import react from '@vitejs/plugin-react'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

// Whoever builds, a test runner too: people get React's production build, which is smaller, faster, and mounts once.
process.env['NODE_ENV'] = 'production'

const THEMES = ['light', 'dark', 'spacing', 'typography', 'shape', 'motion']
const THEMES_ID = 'virtual:atlaskit-themes.css'

/**
 * Atlaskit adds its themes as style elements at run time, which a strict content security policy refuses: here they become
 * a file.
 */
function atlaskitThemes(): Plugin {
  const require = createRequire(import.meta.url)
  return {
    name: 'atlaskit-themes',
    resolveId: (id) => (id === THEMES_ID ? `\0${THEMES_ID}` : null),
    load(id) {
      if (id !== `\0${THEMES_ID}`) return null
      const reset = readFileSync(require.resolve('@atlaskit/css-reset'), 'utf8')
      return [reset, ...THEMES.map(readTheme)].join('\n')
    },
  }

  function readTheme(name: string): string {
    const theme: unknown = require(`@atlaskit/tokens/dist/cjs/artifacts/themes/atlassian-${name}.js`)
    if (typeof theme === 'object' && theme !== null && 'default' in theme && typeof theme.default === 'string')
      return theme.default
    throw new Error(`@atlaskit/tokens has no theme "${name}"`)
  }
}

/**
 * Atlaskit asks a service of Atlassian which of its experiments are on. Here all are off, and neither that client nor the
 * experiments are part of what browsers load.
 */
function noExperiments(): Plugin {
  const id = '\0no-experiments'
  return {
    name: 'no-experiments',
    enforce: 'pre',
    resolveId: (source) => (source.startsWith('@atlaskit/platform-feature-flags') ? id : null),
    load: (loaded) => (loaded === id ? 'export const fg = () => false; export const getBooleanFF = fg' : null),
  }
}

/**
 * The page behind a dialog must not scroll. The package that Atlaskit's dialogs use for it adds a style element, which the
 * policy refuses; the same by the style of the page's body is allowed.
 */
function scrollLock(): Plugin {
  const id = '\0scroll-lock'
  const code = `
    import { useLayoutEffect } from 'react'
    let locks = 0
    export default function ScrollLock() {
      useLayoutEffect(() => {
        const { style } = document.body
        if (locks++ === 0) {
          style.paddingInlineEnd = window.innerWidth - document.documentElement.clientWidth + 'px'
          style.overflow = 'hidden'
        }
        return () => {
          if (--locks === 0) style.overflow = style.paddingInlineEnd = ''
        }
      }, [])
      return null
    }
    export const TouchScrollable = ({ children }) => children
  `
  return {
    name: 'scroll-lock',
    enforce: 'pre',
    resolveId: (source) => (source === 'react-scrolllock' ? id : null),
    load: (loaded) => (loaded === id ? code : null),
  }
}

/** Each file once more as the server sends it to browsers that take gzip. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    // From the disk: at that point other plugins have put in what they only then know.
    writeBundle({ dir = '' }, bundle) {
      for (const fileName of Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name))) {
        const file = join(dir, fileName)
        writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }))
      }
    },
  }
}

export default defineConfig({
  root: import.meta.dirname,
  // Under whatever path the connector is reached: the server writes <base>.
  base: './',
  plugins: [noExperiments(), scrollLock(), react(), atlaskitThemes(), compressed()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // An inlined picture would need "data:" in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_000,
  },
})
