// The bill of materials of a release, in CycloneDX 1.5: every crate that is linked into the binary or builds it, and every npm package
// whose files reach a browser or build them, by the lock files, with its licence. node sbom.mjs ROOT VERSION SECONDS
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

const [root, version, seconds] = process.argv.slice(2)

const licence = (text) => (text ? [{ expression: text.replaceAll('/', ' OR ') }] : [])

// Tests' dependencies are not in the binary, so only what normal and build edges reach is named.
function crates() {
  const options = { cwd: root, maxBuffer: 1 << 28, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }
  let metadata
  try {
    metadata = JSON.parse(execFileSync('cargo', ['metadata', '--format-version=1', '--locked', '--offline', '--filter-platform', 'x86_64-unknown-linux-gnu'], options))
  } catch {
    return lockedCrates()
  }
  const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]))
  const reached = new Set([metadata.resolve.root])
  for (const id of reached)
    for (const dep of nodes.get(id).deps)
      if (dep.dep_kinds.some(({ kind }) => kind !== 'dev')) reached.add(dep.pkg)
  return metadata.packages
    .filter(({ id }) => reached.has(id) && id !== metadata.resolve.root)
    .map(({ name, version, license }) => ({ name, version, purl: `pkg:cargo/${name}@${version}`, licenses: licence(license) }))
}

// Without cargo: the lock file alone, which has no licences and knows nothing of what is for tests.
function lockedCrates() {
  const text = readFileSync(`${root}/Cargo.lock`, 'utf8')
  return [...text.matchAll(/\[\[package\]\]\nname = "(.+)"\nversion = "(.+)"\nsource/g)].map(([, name, version]) => ({ name, version, purl: `pkg:cargo/${name}@${version}` }))
}

function npmPackages() {
  const { packages } = JSON.parse(readFileSync(`${root}/package-lock.json`, 'utf8'))
  return Object.entries(packages)
    .filter(([path]) => path !== '')
    .map(([path, { version, license, dev, optional }]) => {
      const name = path.replace(/^.*node_modules\//, '')
      return { name, version, purl: `pkg:npm/${name.replace('@', '%40')}@${version}`, licenses: licence(license), scope: dev || optional ? 'excluded' : 'required' }
    })
}

const byPurl = (a, b) => (a.purl < b.purl ? -1 : a.purl > b.purl ? 1 : 0)
const components = [...crates(), ...npmPackages()].sort(byPurl).map((one) => ({ type: 'library', 'bom-ref': one.purl, ...one }))
// The same release has the same number: from what it holds, not from chance.
const hash = createHash('sha256').update(version + JSON.stringify(components)).digest('hex')
const serial = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-5${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`
console.log(
  JSON.stringify(
    {
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      serialNumber: `urn:uuid:${serial}`,
      version: 1,
      metadata: {
        timestamp: new Date(seconds * 1000).toISOString(),
        component: { type: 'application', 'bom-ref': 'ecommerce', name: 'ecommerce', version, licenses: licence('MIT') },
      },
      components,
    },
    null,
    1,
  ),
)
