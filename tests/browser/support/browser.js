// A real browser for the tests: one Chromium a file, a fresh visitor a test, and a list of everything a visitor must never see.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';

export const BASE_URL = process.env.BASE_URL ?? 'http://localhost:8080';
export const WIDTHS = { phone: { width: 375, height: 812 }, desktop: { width: 1280, height: 900 } };
const RESULTS = new URL('../results/', import.meta.url).pathname;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
after(() => browser.close());

/**
 * A visitor with cookies of their own. `troubles` collects what nobody may see: violations of the policy, errors in the console,
 * requests that fail, answers from 400 on (`expects(422, '/checkout')` names those that a test provokes).
 */
export async function visitor({ size = 'desktop', javaScript = true, colorScheme = 'light' } = {}) {
  const context = await browser.newContext({
    baseURL: BASE_URL, viewport: WIDTHS[size], javaScriptEnabled: javaScript, colorScheme, locale: 'en-US',
  });
  context.setDefaultTimeout(15_000);
  const troubles = [];
  const expected = [];
  await context.exposeBinding('reportViolation', (_, what) => troubles.push(`policy: ${what}`));
  await context.addInitScript(() => document.addEventListener('securitypolicyviolation',
    (event) => window.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`)));
  await context.addInitScript(noteArrivals);
  const page = await context.newPage();
  watch(page, troubles, (response) => expected.some(([status, path]) =>
    response.status() === status && new URL(response.url()).pathname.startsWith(path)));
  const servers = new Set();
  page.on('response', (response) => {
    const server = response.headers()['x-served-by'];
    if (server) servers.add(server);
  });
  return {
    context, page, troubles, servers, size, javaScript,
    expects: (status, path) => expected.push([status, path]),
    close: () => context.close(),
  };
}

// Runs in the page: remembers which address the content belongs to, since htmx sets the address before it swaps.
function noteArrivals() {
  window.contentOf = location.href;
  document.addEventListener('htmx:afterSettle', () => { window.contentOf = location.href; });
}

/** Waits until the page at `path` (a text, or what its path and query match) is there, by a full load or by htmx. */
export async function arrives({ page, javaScript }, path) {
  const pattern = path instanceof RegExp ? path : new RegExp(`^${path.replace(/[^\w/]/g, '\\$&')}(\\?|$)`);
  await page.waitForURL((url) => pattern.test(url.pathname + url.search));
  if (javaScript) await page.waitForFunction(() => window.contentOf === location.href && document.readyState !== 'loading');
  await page.locator('h1').first().waitFor();
}

function watch(page, troubles, isExpected) {
  page.on('pageerror', (error) => {
    // The browser drops the fade between two pages when the next one comes or the window changes: as it should.
    if (!/^Transition was (aborted|skipped)/.test(error.message)) troubles.push(`script: ${error.message}`);
  });
  page.on('console', (message) => {
    // Chromium writes a line for every 4xx too: those are counted below, where they can be expected.
    const isAnswer = message.text().startsWith('Failed to load resource: the server responded');
    if (['error', 'warning'].includes(message.type()) && !isAnswer && !isHtmxEcho(message)) troubles.push(`console: ${message.text()}`);
  });
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText;
    // Leaving a page ends what it was still loading.
    if (why !== 'net::ERR_ABORTED') troubles.push(`request: ${request.url()} ${why}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400 && !isExpected(response)) troubles.push(`answer: ${response.status()} ${response.url()}`);
  });
}

// htmx logs every 4xx a second time by itself, and as an error each request that a newer one has replaced (hx-sync).
const isHtmxEcho = (message) => /^(Response Status Error Code|htmx:(afterRequest|sendAbort),)/.test(message.text());

/**
 * A test with a visitor of its own, once for each of `sizes`; it fails as well if the visitor saw what nobody may see.
 * A failure leaves a picture in results/.
 */
export function story(claim, { sizes = ['desktop'], timeout = 300_000, skip = false, ...how }, act) {
  for (const size of sizes) {
    test(`${claim} (${WIDTHS[size].width} px)`, { timeout, skip }, async (t) => {
      const one = await visitor({ size, ...how });
      try {
        await act(one, t);
        assert.deepEqual(one.troubles, [], 'what nobody may see');
        t.diagnostic(`served by ${[...one.servers].sort().join(', ')}`);
      } catch (error) {
        await screenshot(one, `failed-${claim.replace(/[^a-z0-9]+/gi, '-').slice(0, 60)}`).catch(() => {});
        if (one.troubles.length) error.message += `\nseen on the way: ${one.troubles.join('; ')}`;
        error.message += `\nat ${one.page.url()}`;
        throw error;
      } finally {
        await one.close();
      }
    });
  }
}

/** A picture of the whole page for people to look at: results/NAME-WIDTH.png. */
export async function screenshot({ page }, name) {
  await mkdir(RESULTS, { recursive: true });
  await page.screenshot({ path: `${RESULTS}${name}-${page.viewportSize().width}.png`, fullPage: true, animations: 'disabled' });
}
