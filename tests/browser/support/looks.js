// What holds for every page, whatever is on it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds against WCAG 2 A and AA, as lines with the elements. */
export async function axe({ page }) {
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axeSource);
  const violations = await page.evaluate(async () => {
    const found = await window.axe.run({
      resultTypes: ['violations'],
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return found.violations.map(({ id, nodes }) => ({ id, nodes: nodes.map((node) => `${node.target.join(' ')} (${node.any[0]?.message ?? node.failureSummary})`) }));
  });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.join(', ')}`);
}

/** What a page of the shop is never without, and never has. */
export async function isWhole({ page }) {
  const seen = await page.evaluate(() => {
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    return {
      servedBy: document.body.innerText.match(/Served by Server-\d+/g) ?? [],
      headings: document.querySelectorAll('h1').length,
      title: document.title,
      language: document.documentElement.lang,
      twice: ids.filter((id, place) => ids.indexOf(id) !== place),
      unsized: [...document.images].filter((image) => !image.hasAttribute('width') || !image.hasAttribute('height')).map(({ src }) => src),
      inline: [...document.querySelectorAll('[style]:not([style=""]), style, script:not([src], [type="application/ld+json"]), [onclick]')].map(({ outerHTML }) => outerHTML.slice(0, 80)),
      gaps: document.body.innerText.match(/\b(undefined|null|NaN|None|Lorem|lorem|TODO)\b|Some\(/)?.[0] ?? '',
    };
  });
  assert.equal(seen.servedBy.length, 1, 'says once which server answered');
  assert.equal(seen.headings, 1, 'one h1');
  assert.ok(seen.title.length > 3 && seen.language === 'en', `title "${seen.title}", language "${seen.language}"`);
  assert.deepEqual(seen.twice, [], 'no id twice');
  assert.deepEqual(seen.unsized, [], 'every picture has its size');
  assert.deepEqual(seen.inline, [], 'nothing inline');
  assert.equal(seen.gaps, '', 'no gap in the text');
}

/** Scrolls through, so that what loads late is there, and gives the pictures that did not come. */
export async function brokenPictures({ page }) {
  return page.evaluate(async () => {
    const images = [...document.images];
    for (const image of images) image.loading = 'eager';
    await Promise.all(images.map((image) => image.complete || new Promise((done) => {
      image.addEventListener('load', done);
      image.addEventListener('error', done);
    })));
    return images.filter((image) => image.naturalWidth === 0).map((image) => image.currentSrc || image.src);
  });
}

/** What reaches out of the window sideways, at this width. */
export async function overflow({ page }, width) {
  await page.setViewportSize({ width, height: page.viewportSize().height });
  return page.evaluate(() => {
    const over = document.documentElement.scrollWidth - window.innerWidth;
    if (over <= 0) return [];
    const wide = [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1);
    return [`${over} px: ${wide.slice(0, 5).map((element) => `${element.tagName.toLowerCase()}.${element.className}`).join(', ')}`];
  });
}

/** Controls that a finger does not meet: smaller than 24 px either way (WCAG 2.2), text links apart. */
export async function smallTargets({ page }) {
  return page.evaluate(() => [...document.querySelectorAll('button, input:not([type="hidden"]), select, summary, .btn')]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('.visually-hidden'))
    .map((element) => ({ element, box: (element.closest('label') ?? element).getBoundingClientRect() }))
    .filter(({ box }) => box.width > 2 && (box.width < 24 || box.height < 24))
    // A label beside the control is part of it.
    .filter(({ element }) => ![...element.labels ?? []].some((label) => label.getBoundingClientRect().height >= 24))
    .map(({ element, box }) => `${element.tagName.toLowerCase()}#${element.id}.${element.className} ${Math.round(box.width)}×${Math.round(box.height)}`));
}

/** Waits until nothing moves or changes its colour any more. */
export async function isStill({ page }) {
  await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'));
}
