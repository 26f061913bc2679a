import Markdown from 'markdown-to-jsx/react'
import { Link } from '@tanstack/react-router'
import type { AnchorHTMLAttributes, ReactNode, TableHTMLAttributes } from 'react'
import { ScrollBox } from '../../ui/scroll-box.tsx'
import { toTarget } from './link-target.ts'
import tables from '../../ui/table.module.css'

/** Markdown of our own as React elements: HTML inside it stays text. */
export function Document({ text }: { readonly text: string }) {
  return (
    <Markdown
      options={{
        disableParsingRawHTML: true,
        forceBlock: true,
        overrides: { a: DocumentLink, table: DocumentTable, h1: Nothing, img: Nothing },
      }}
    >
      {withoutNotes(text)}
    </Markdown>
  )
}

/** Lines for those who change the file. */
const withoutNotes = (text: string) => text.replaceAll(/^<!--.*-->$/gm, '')

/** The page's heading says it already; pictures are for those who read the files. */
function Nothing(): ReactNode {
  return null
}

function DocumentLink({ href = '', children }: AnchorHTMLAttributes<HTMLAnchorElement>) {
  const target = toTarget(href)
  switch (target.kind) {
    case 'document':
      return (
        <Link to="/docs/$name" params={{ name: target.name }} hash={target.hash}>
          {children}
        </Link>
      )
    case 'external':
      return (
        <a href={target.url} rel="noreferrer" target="_blank">
          {children}
        </a>
      )
    case 'text':
      return <span>{children}</span>
  }
}

function DocumentTable({ children }: TableHTMLAttributes<HTMLTableElement>) {
  return (
    <ScrollBox label="Table" className={tables['scroll']}>
      <table className={tables['table']}>{children}</table>
    </ScrollBox>
  )
}
