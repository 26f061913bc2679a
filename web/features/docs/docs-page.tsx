import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Page } from '../../ui/page.tsx'
import { QueryView } from '../../ui/states.tsx'
import { useCurrentInView } from '../../ui/use-current-in-view.ts'
import { listDocuments, loadDocument } from './documents.ts'
import { Document } from './document.tsx'
import side from '../../ui/side-list.module.css'
import styles from './docs-page.module.css'

/** `/docs/{name}`: the documentation of the version that runs. */
export function DocsPage() {
  const { name } = useParams({ strict: false })
  const line = useCurrentInView()
  const documents = listDocuments()
  const current = name ?? documents[0]?.name ?? ''
  const title = documents.find((document) => document.name === current)?.title
  return (
    <Page title={title ?? 'Documentation'}>
      <div className={side['layout']}>
        <nav ref={line} aria-label="Documentation" className={side['nav']}>
          {documents.map((document) => (
            <Link
              key={document.name}
              to="/docs/$name"
              params={{ name: document.name }}
              className={side['entry']}
              aria-current={document.name === current ? 'page' : undefined}
            >
              {document.title}
            </Link>
          ))}
        </nav>
        {title === undefined ? (
          <p>There is no such page in the documentation. Choose one from the list.</p>
        ) : (
          <Text name={current} />
        )}
      </div>
    </Page>
  )
}

function Text({ name }: { readonly name: string }) {
  const query = useQuery({ queryKey: ['docs', name], queryFn: () => loadDocument(name), staleTime: Infinity })
  return (
    <article className={styles['text']}>
      <QueryView query={query}>{(text) => <Document text={text} />}</QueryView>
    </article>
  )
}
