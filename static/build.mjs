// Builds static/css, static/js, static/icons and static/img into static/dist: hashed names, .br and .gz beside them, manifest.json.
// `npm run build`, or `node static/build.mjs FOLDER…` to keep the classes used in further folders.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const dist = path.join(root, 'static/dist');
const at = (...parts) => path.join(root, ...parts);
const text = (...parts) => readFileSync(at(...parts), 'utf8');

/** gzip sizes that a page may cost; the build fails above them. */
const BUDGETS = { 'app.css': 12_000, 'app.js': 30_000, 'chat.css': 5_000, 'launcher.css': 1_000, 'chat.js': 30_000, 'desk.css': 6_000, 'desk.js': 30_000 };
// Bootstrap's rules for states that no page has, which PurgeCSS does not tell by a class.
const UNUSED = /(^|[{}])[^{}]*(?::indeterminate|\[multiple\]|\[list\]:not)[^{}]*\{[^{}]*\}/g;
const BROWSERS = ['chrome109', 'firefox115', 'safari15.6'];

function fail(message) {
  console.error(`build: ${message}`);
  process.exit(1);
}

if (Number(process.versions.node.split('.')[0]) < 18) fail(`Node 18 or later is needed, this is ${process.version}`);
try {
  createRequire(import.meta.url).resolve('esbuild');
} catch {
  fail('the packages are missing: run `npm ci` first');
}
const esbuild = await import('esbuild');
const sass = await import('sass');
const { PurgeCSS } = await import('purgecss');

async function style(name) {
  const quiet = { quietDeps: true, silenceDeprecations: ['import', 'global-builtin', 'color-functions', 'if-function'] };
  const { css } = sass.compile(at('static/css', name), { loadPaths: [at('node_modules')], ...quiet });
  const folders = [at('templates'), at('src'), ...process.argv.slice(2)];
  const [purged] = await new PurgeCSS().purge({
    content: [...folders.map((folder) => `${folder}/**/*.{html,rs}`), at('static/js/**/*.js')],
    css: [{ raw: css }],
    variables: true,
    safelist: { standard: ['is-invalid', /^htmx-/], greedy: [/data-bs-theme/] },
    // Elements that no page has, though their names are words of the Rust sources.
    blocklist: ['h6', 'iframe', 'mark', 'output', 'm-1', 'figure'],
  });
  const { code } = await esbuild.transform(purged.css.replace(UNUSED, '$1'), { loader: 'css', minify: true, target: BROWSERS });
  return Buffer.from(code);
}

// htmx's minified file is smaller than its module form is when bundled.
const htmxAsModule = {
  name: 'htmx-as-module',
  setup(build) {
    const file = at('node_modules/htmx.org/dist/htmx.min.js');
    build.onResolve({ filter: /^htmx\.org$/ }, () => ({ path: file }));
    build.onLoad({ filter: /htmx\.min\.js$/ }, () => ({ contents: `${readFileSync(file, 'utf8')};export default htmx`, loader: 'js' }));
  },
};

// Classic scripts, not modules: those would need CORS headers from a CDN.
async function script(name) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [at('static/js', name)],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: BROWSERS,
    legalComments: 'none',
    plugins: [htmxAsModule],
  });
  return Buffer.from(outputFiles[0].contents);
}

function sprite() {
  const names = text('static/icons/icons.txt').split('\n').map((line) => line.trim()).filter((line) => line && !line.startsWith('#'));
  const symbols = names.map((name) => {
    const svg = text('node_modules/bootstrap-icons/icons', `${name}.svg`);
    const body = svg.replace(/^[\s\S]*?<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '').replace(/\s*\n\s*/g, '');
    return `<symbol id="${name}" viewBox="0 0 16 16">${body}</symbol>`;
  });
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`);
}

function images() {
  return Object.fromEntries(readdirSync(at('static/img')).map((name) => [name, readFileSync(at('static/img', name))]));
}

function put(name, bytes) {
  const file = path.join(dist, name);
  try {
    if (readFileSync(file).equals(bytes)) return;
  } catch {
    // not there yet
  }
  // Beside and renamed: a server that reads meanwhile sees the old file or the new one, never half of it.
  writeFileSync(`${file}.tmp`, bytes);
  renameSync(`${file}.tmp`, file);
}

const read = (name) => {
  try {
    return JSON.parse(readFileSync(path.join(dist, name), 'utf8'));
  } catch {
    return {};
  }
};

mkdirSync(dist, { recursive: true });
const outputs = {
  'app.css': await style('app.scss'),
  'app.js': await script('app.js'),
  'admin.css': await style('admin.scss'),
  'api-docs.css': await style('api-docs.scss'),
  'api-docs.js': await script('api-docs.js'),
  'chat.css': await style('chat.scss'),
  'chat.js': await script('chat.js'),
  'desk.css': await style('desk.scss'),
  'desk.js': await script('desk.js'),
  'launcher.css': await style('launcher.scss'),
  'theme.js': await script('theme.js'),
  'icons.svg': sprite(),
  ...images(),
};

const manifest = {};
const tooLarge = [];
for (const [name, bytes] of Object.entries(outputs)) {
  const { name: stem, ext } = path.parse(name);
  const hashed = `${stem}-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}${ext}`;
  const gzip = gzipSync(bytes, { level: 9 });
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  put(hashed, bytes);
  put(`${hashed}.gz`, gzip);
  put(`${hashed}.br`, brotli);
  manifest[name] = hashed;
  console.log(`${name.padEnd(12)} ${String(bytes.length).padStart(7)} raw ${String(gzip.length).padStart(6)} gzip ${String(brotli.length).padStart(6)} brotli  ${hashed}`);
  if (gzip.length > (BUDGETS[name] ?? Infinity)) tooLarge.push(`${name} is ${gzip.length} bytes gzipped, its budget is ${BUDGETS[name]}`);
}
if (tooLarge.length > 0) fail(tooLarge.join('; '));

// Pages of the release before this one may still be open: its files stay until the next build.
const current = read('manifest.json');
const same = JSON.stringify(current) === JSON.stringify(manifest);
const previous = same ? read('manifest.previous.json') : current;
put('manifest.previous.json', Buffer.from(`${JSON.stringify(previous, null, 2)}\n`));
put('manifest.json', Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
const kept = new Set(['manifest.json', 'manifest.previous.json']);
for (const name of [...Object.values(manifest), ...Object.values(previous)]) for (const end of ['', '.gz', '.br']) kept.add(name + end);
for (const name of readdirSync(dist)) if (!kept.has(name)) rmSync(path.join(dist, name), { recursive: true });
