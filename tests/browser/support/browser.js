// A real browser for the tests: one Chromium a file, a fresh visitor a test, and a list of everything a visitor must never see.
import { after } from 'node:test';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

export const BASE_URL = process.env.BASE_URL ?? 'http://localhost:8080';
export const WIDTHS = { phone: { width: 375, height: 812 }, desktop: { width: 1280, height: 900 } };

const SCREENSHOTS = new URL('../results/', import.meta.url).pathname;
const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
after(() => browser.close());

/// A visitor with cookies of their own. `troubles` collects violations of the policy, errors of scripts and answers from 500 on.
export async function visitor({ size = 'desktop', javaScriptEnabled = true, colorScheme = 'light' } = {}) {
  const context = await browser.newContext({ baseURL: BASE_URL, viewport: WIDTHS[size], javaScriptEnabled, colorScheme, locale: 'en-US' });
  context.setDefaultTimeout(10_000);
  const troubles = [];
  await context.exposeBinding('reportViolation', (_, what) => troubles.push(`policy: ${what}`));
  await context.addInitScript(() => document.addEventListener('securitypolicyviolation',
    (event) => window.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`)));
  const page = await context.newPage();
  page.on('pageerror', (error) => troubles.push(`script: ${error.message}`));
  page.on('response', (response) => { if (response.status() >= 500) troubles.push(`${response.status()} ${response.url()}`); });
  return { page, troubles, size, close: () => context.close() };
}

/// A picture of the whole page for people to look at: results/NAME-SIZE.png.
export async function screenshot({ page, size }, name) {
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: `${SCREENSHOTS}${name}-${size}.png`, fullPage: true });
}

/// What axe finds wrong for people who use the page with other senses or means, as lines; and whether anything is cut off sideways.
export async function faults({ page }) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }));
  const lines = found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (overflow > 0) lines.push(`the page is ${overflow} px wider than the window`);
  return lines;
}
