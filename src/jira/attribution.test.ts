import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasMark, toAttribution, withAttribution } from './attribution.ts'

const commit = {
  displayId: 'a1b2c3d',
  url: 'https://git.example.com/acme/shop/-/commit/a1b2c3d',
  repository: 'acme/shop-web_api',
}

function lineFor(changes: { person?: string; mark?: string } & Partial<typeof commit> = {}): string {
  const { person = 'Ann Cole', mark = 'm-1', ...rest } = changes
  return toAttribution({ person, mark, commit: { ...commit, ...rest } })
}

describe('toAttribution', () => {
  it('names the person, the commit with its page, and the repository', () => {
    expect(lineFor({ person: "Jean-Luc O'Neil, jr." })).toBe(
      "— Jean-Luc O'Neil, jr. in commit [a1b2c3d|https://git.example.com/acme/shop/-/commit/a1b2c3d#m-1] of acme/shop-web_api",
    )
    expect(lineFor({ person: 'Zoë 王小明' })).toContain('— Zoë 王小明 in commit')
  })

  it.each([
    ['[~admin]', '&#91;&#126;admin&#93;'],
    ['@admin', '&#64;admin'],
    ['{code}x{code}', '&#123;code&#125;x&#123;code&#125;'],
    ['[here|https://evil.example]', '&#91;here&#124;https&#58;//evil.example&#93;'],
    ['https://evil.example', 'https&#58;//evil.example'],
    ['!https://evil.example/x.png!', '&#33;https&#58;//evil.example/x.png&#33;'],
    ['[^secret.txt]', '&#91;&#94;secret.txt&#93;'],
    ['*bold* _it_ -gone- +new+', '&#42;bold&#42; &#95;it&#95; &#45;gone&#45; &#43;new&#43;'],
    ['SHOP-1', 'SHOP&#45;1'],
    ['<script>alert(1)</script>', '&#60;script&#62;alert&#40;1&#41;&#60;/script&#62;'],
    ['&#91;', '&#38;&#35;91&#59;'],
    ['a\\\\b\\n', 'a&#92;&#92;b&#92;n'],
    ['a\r\n\r\nh1. Big\u2028|x|', 'a h1. Big &#124;x&#124;'],
    [':) (!) (y)', '&#58;&#41; &#40;&#33;&#41; &#40;y&#41;'],
    ['a\u202Eb\u200Bc\0d', 'abc d'],
    ['🚀', '&#128640;'],
  ])('shows %j as text', (hostile, escaped) => {
    expect(lineFor({ person: hostile })).toContain(`— ${escaped} in commit`)
    expect(lineFor({ repository: hostile })).toMatch(new RegExp(`of ${RegExp.escape(escaped)}$`))
    expect(lineFor({ displayId: hostile })).toContain(`in commit [${escaped}|https://git`)
  })

  it('links nothing but pages of the web, and keeps the mark without a link', () => {
    expect(lineFor({ url: 'javascript:alert(1)' })).toBe('— Ann Cole in commit a1b2c3d (m&#45;1) of acme/shop-web_api')
    expect(hasMark(lineFor({ url: 'no address' }), 'm-1')).toBe(true)
    expect(lineFor({ url: 'https://user:secret@git.example.com/a|b]c{d}!e^~f?g=[~x]#old' })).toContain(
      '[a1b2c3d|https://git.example.com/a%7Cb%5Dc%7Bd%7D%21e%5E%7Ef?g=%5B%7Ex%5D#m-1]',
    )
  })

  it('cuts what is too long', () => {
    expect(
      lineFor({ person: 'x'.repeat(5_000), repository: 'y'.repeat(5_000), displayId: 'z'.repeat(5_000) }).length,
    ).toBeLessThan(600)
  })

  it('has nothing of a stranger that could be markup', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({ unit: fc.constantFrom(...'{}[]|~@!*_-+^\\:/#&;()<>h1. a\n') }),
    )
    fc.assert(
      fc.property(hostile, hostile, hostile, (person, repository, mark) => {
        const line = lineFor({ person, repository, mark: mark.toWellFormed() })
        const [, name = '', where = ''] = /^— (.*) in commit \[a1b2c3d\|https:[^\]|[{}]*\] of (.*)$/su.exec(line) ?? []
        for (const text of [name, where]) {
          const plain = text.replaceAll(/&#\d+;/g, '')
          expect(plain).toMatch(/^[\p{L}\p{M}\p{N}.,/' _-]*$/u)
          expect(plain).not.toMatch(/(^|[^\p{L}\p{N}])[_-]|[_-]($|[^\p{L}\p{N}])/u)
        }
        expect(hasMark(line, mark.toWellFormed())).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('hasMark', () => {
  it('compares marks whole', () => {
    expect(hasMark(lineFor({ mark: 'm-11' }), 'm-1')).toBe(false)
    expect(hasMark(lineFor({ mark: 'm-1' }), '-1')).toBe(false)
  })
})

describe('withAttribution', () => {
  it.each([
    ['fixed [~ben] {code}x{code}', 'fixed [~ben] {code}x{code}\n\n— Ann'],
    ['{color:red}x{color}', '{color:red}x{color}\n\n— Ann'],
    ['', '— Ann'],
    ['see {noformat} this', 'see \\{noformat} this\n\n— Ann'],
    ['{code:java}x{Code}{code} {quote}', '\\{code:java}x\\{Code}\\{code} \\{quote}\n\n— Ann'],
  ])('%j keeps its markup, but does not swallow the line below', (text, expected) => {
    expect(withAttribution(text, '— Ann')).toBe(expected)
  })
})
