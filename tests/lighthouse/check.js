// Every public page through Lighthouse, in one browser; a line a page, and why where it is not enough. See run.sh.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from 'chrome-launcher';
import lighthouse from 'lighthouse';

const BASE_URL = process.env.BASE_URL;
const WANTED = { accessibility: 1, 'best-practices': 1, seo: 1, performance: 0.95 };
const RUNS = 3;

const asked = process.argv.slice(2);
const measuresPerformance = asked.includes('--performance');
const categories = Object.keys(WANTED).filter((name) => name !== 'performance' || measuresPerformance);

/** The pages that anybody may see, with a product that is really there. */
async function pages() {
  const listed = await (await fetch(new URL('/api/products/?per_page=1&in_stock=true', BASE_URL))).json();
  const slug = listed.products[0].slug;
  return ['/', '/products', '/products?category=kitchen', '/products?search=mug', '/products?search=xyzzyplugh', `/products/${slug}`, '/cart', '/wishlist',
    '/contact', '/contact/call-back', '/help', '/shipping', '/returns', '/privacy', '/terms', '/about', '/login', '/register', '/api/docs'];
}

/** Whether search engines are kept off on purpose (carts, searches, forms of an account): all else about the page must be right. */
async function isKeptFromSearchEngines(path) {
  const [robots, page] = await Promise.all(['/robots.txt', path].map(async (at) => (await fetch(new URL(at, BASE_URL))).text()));
  const disallowed = [...robots.matchAll(/^Disallow: (.+)$/gm)].some(([, start]) => path.startsWith(start));
  return disallowed || /<meta name="robots" content="noindex/.test(page);
}

/** One run; its categories' scores, and the audits that cost something. */
async function run(path, port) {
  const isHidden = await isKeptFromSearchEngines(path);
  const { lhr, runtimeError } = (await lighthouse(new URL(path, BASE_URL).href, {
    port, logLevel: 'error', output: 'json', onlyCategories: categories, formFactor: 'mobile',
    skipAudits: [...(isHidden ? ['is-crawlable'] : []), ...(measuresPerformance ? [] : ['full-page-screenshot'])],
  }));
  if (runtimeError ?? lhr.runtimeError) throw new Error(`${path}: ${(runtimeError ?? lhr.runtimeError).message}`);
  const scores = {};
  const reasons = {};
  for (const category of Object.values(lhr.categories)) {
    scores[category.id] = category.score;
    reasons[category.id] = category.auditRefs
      .filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1)
      .map(({ id }) => `${id} ${lhr.audits[id].displayValue ?? ''}${nodes(lhr.audits[id])}`.trim());
  }
  return { scores, reasons };
}

function nodes(audit) {
  const items = audit.details?.items ?? [];
  const found = items.map((item) => item.node?.snippet ?? item.description ?? item.url).filter(Boolean).slice(0, 3);
  return found.length ? `: ${found.join(' | ').slice(0, 400)}` : '';
}

/** The middle run by its performance. */
async function judged(path, port) {
  const runs = [];
  for (let nth = 0; nth < (measuresPerformance ? RUNS : 1); nth += 1) runs.push(await run(path, port));
  runs.sort((one, other) => (one.scores.performance ?? 0) - (other.scores.performance ?? 0));
  return runs[Math.floor(runs.length / 2)];
}

const profile = await mkdtemp(join(tmpdir(), 'lighthouse-'));
const chrome = await launch({
  chromePath: process.env.CHROME_PATH, userDataDir: profile, logLevel: 'error',
  chromeFlags: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update'],
});
const missed = [];
try {
  const named = asked.filter((argument) => !argument.startsWith('--'));
  for (const path of named.length ? named : await pages()) {
    const { scores, reasons } = await judged(path, chrome.port);
    const bad = categories.filter((name) => !(scores[name] >= WANTED[name]));
    console.log(`${bad.length ? 'MISS' : 'ok  '} ${categories.map((name) => `${name} ${scores[name]}`).join('  ')}  ${path}`);
    for (const name of bad) reasons[name].forEach((reason) => console.log(`       ${name}: ${reason}`));
    if (bad.length) missed.push(path);
  }
} finally {
  chrome.kill();
  await rm(profile, { recursive: true, force: true });
}
if (missed.length) {
  console.log(`not good enough: ${missed.join(' ')}`);
  process.exitCode = 1;
}
