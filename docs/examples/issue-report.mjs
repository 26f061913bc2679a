// Prints what belongs to an issue, as a script for Jira's own panel would read it.
//   CONNECTOR_URL=https://dvcs.example.com CONNECTOR_TOKEN=… node issue-report.mjs SHOP-7
const { CONNECTOR_URL = '', CONNECTOR_TOKEN = '' } = process.env
const [issue] = process.argv.slice(2)
if (CONNECTOR_URL === '' || CONNECTOR_TOKEN === '' || issue === undefined) {
  console.error('Set CONNECTOR_URL and CONNECTOR_TOKEN, and give an issue key or its numeric id.')
  process.exit(2)
}

async function ask(path, query = {}) {
  const url = new URL(path, CONNECTOR_URL.endsWith('/') ? CONNECTOR_URL : `${CONNECTOR_URL}/`)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  const answer = await fetch(url, { headers: { authorization: `Bearer ${CONNECTOR_TOKEN}`, accept: 'application/json' } })
  const body = await answer.json()
  if (answer.ok) return body
  console.error(`${answer.status} ${body.code ?? ''}: ${body.detail ?? JSON.stringify(body)}`)
  process.exit(1)
}

const { summary } = await ask('rest/dev-status/1.0/issue/summary', { issueId: issue })
for (const [dataType, { overall, byInstanceType }] of Object.entries(summary)) {
  if (overall.count === 0) continue
  console.log(`${dataType}: ${overall.count}`)
  // The names that the detail takes are the keys of the summary, as with Jira's own.
  for (const applicationType of Object.keys(byInstanceType)) {
    const { detail } = await ask('rest/dev-status/1.0/issue/detail', { issueId: issue, applicationType, dataType })
    for (const part of detail) {
      for (const repository of part.repositories ?? [])
        for (const commit of repository.commits ?? [])
          console.log(`  ${commit.displayId} ${repository.name}: ${commit.message.split('\n', 1)[0]}`)
      if (dataType === 'pullrequest')
        for (const request of part.pullRequests ?? []) console.log(`  ${request.id} ${request.status} ${request.name}`)
      if (dataType === 'branch') for (const branch of part.branches ?? []) console.log(`  ${branch.name}`)
    }
  }
}

const { repositories } = await ask('rest/bitbucket/1.0/repositories')
console.log(`${repositories.filter(({ linked }) => linked).length} of ${repositories.length} repositories are linked`)
