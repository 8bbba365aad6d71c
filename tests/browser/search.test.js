// Finding things: the search with its proposals, and the filters of the list, by mouse, by keyboard and without JavaScript.
import assert from 'node:assert/strict';
import { arrives, story } from './support/browser.js';
import { axe, isStill, overflow } from './support/looks.js';
import { announced, markWindow, product } from './support/shop.js';

const BOTH = ['phone', 'desktop'];

const field = ({ page }) => page.locator('#site-search');
const options = ({ page }) => page.locator('#suggestions [role="option"]');
const count = async ({ page }) => Number.parseInt((await page.locator('.page-note').innerText()).replace(/\D.*/, ''), 10);
const focusedId = ({ page }) => page.evaluate(() => document.activeElement?.id);

/** On phones the field is behind a button. */
async function openSearch(one) {
  if (one.size === 'phone') await one.page.locator('.search-toggle summary').click();
  await field(one).waitFor({ state: 'visible' });
}

/** Something that can be found: the first letters of a product's name. */
const letters = async (one) => (await product(one)).name.slice(0, 3).toLowerCase();

story('a product is found by its first letters, by keyboard alone', { sizes: BOTH }, async (one) => {
  const { page } = one;
  await page.goto('/');
  if (one.size === 'phone') {
    await page.locator('.search-toggle summary').focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.id === 'site-search');
  } else await field(one).focus();
  assert.equal(await field(one).getAttribute('aria-expanded'), 'false');
  await page.keyboard.type(await letters(one), { delay: 30 });
  await options(one).first().waitFor();
  assert.equal(await field(one).getAttribute('aria-expanded'), 'true');
  await announced(one, /suggestion/);
  const marked = async () => page.locator('#suggestions [aria-selected="true"]').count();
  assert.equal(await marked(), 0, 'nothing is chosen for one');

  await page.keyboard.press('ArrowDown');
  const first = await options(one).first().getAttribute('id');
  assert.equal(await field(one).getAttribute('aria-activedescendant'), first);
  assert.equal(await focusedId(one), 'site-search', 'the focus stays in the field');
  await page.keyboard.press('ArrowUp');
  assert.equal(await field(one).getAttribute('aria-activedescendant'), null, 'above the first is the field');
  await page.keyboard.press('ArrowUp');
  assert.equal(await field(one).getAttribute('aria-activedescendant'), await options(one).last().getAttribute('id'), 'then the last');
  await page.keyboard.press('Home');
  assert.equal(await marked(), 0, 'Home belongs to the text');
  assert.equal(await field(one).evaluate((input) => input.selectionStart), 0);
  await page.keyboard.press('End');
  assert.deepEqual(await axe(one), [], 'axe finds nothing while it is open');

  await page.keyboard.press('Escape');
  await page.locator('#suggestions').waitFor({ state: 'hidden' });
  assert.notEqual(await field(one).inputValue(), '', 'Esc closes the list and keeps the text');
  await page.keyboard.press('ArrowDown');
  await options(one).first().waitFor();
  await page.waitForFunction(() => document.querySelector('#suggestions [aria-selected="true"]'));
  const target = await page.locator('#suggestions [aria-selected="true"]').getAttribute('href');
  await page.keyboard.press('Enter');
  await arrives(one, new RegExp(`^${target.replace(/[^\w/]/g, '\\$&')}$`));
});

story('Enter without a choice searches, and the text stays in the field', { sizes: BOTH }, async (one) => {
  const { page } = one;
  await page.goto('/');
  const whole = await markWindow(one);
  const words = (await product(one)).name;
  await openSearch(one);
  await field(one).fill(words);
  await page.keyboard.press('Enter');
  await arrives(one, '/products');
  assert.ok((await page.locator('h1').innerText()).includes(words));
  assert.equal(await field(one).inputValue(), words);
  assert.equal(await page.locator('#suggestions').isVisible(), false, 'nothing pops up afterwards');
  assert.ok(await whole(), 'without loading the page anew');
});

story('suggestions close when one goes on, and a click takes one', { sizes: BOTH }, async (one) => {
  const { page } = one;
  await page.goto('/cart');
  await openSearch(one);
  await field(one).pressSequentially(await letters(one), { delay: 30 });
  await options(one).first().waitFor();
  await page.keyboard.press('Tab');
  await page.locator('#suggestions').waitFor({ state: 'hidden' });
  await field(one).focus();
  await page.keyboard.press('ArrowDown');
  await options(one).first().waitFor();
  const href = await options(one).first().getAttribute('href');
  await options(one).first().click();
  await arrives(one, new RegExp(`^${href.replace(/[^\w/]/g, '\\$&')}$`));
});

story('only the last answer is shown, however late the first one comes', {}, async (one) => {
  const { page } = one;
  await page.goto('/');
  const words = (await product(one)).name.toLowerCase();
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  await page.route(`**/products/suggestions?search=${encodeURIComponent(words.slice(0, 2))}`, async (route) => {
    await held;
    await route.continue().catch(() => {});
  });
  const asked = page.waitForRequest((request) => request.url().endsWith(`search=${encodeURIComponent(words.slice(0, 2))}`));
  await field(one).fill(words.slice(0, 2));
  await asked;
  await field(one).fill(words.slice(0, 4));
  await options(one).last().filter({ hasText: words.slice(0, 4) }).waitFor();
  release();
  await page.unrouteAll({ behavior: 'wait' });
  assert.ok((await options(one).last().innerText()).includes(words.slice(0, 4)));
});

story('filters change the list in place, say how many there are, and go back', {}, async (one) => {
  const { page } = one;
  await page.goto('/products');
  const whole = await markWindow(one);
  const all = await count(one);
  const link = page.locator('.filter-link[id^="category-"]:not(#category-all)').first();
  const id = await link.getAttribute('id');
  await link.focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/category=/);
  await announced(one, /product/);
  assert.equal(await focusedId(one), id, 'the focus stays on the filter');
  const fewer = await count(one);
  assert.ok(fewer > 0 && fewer < all, `${fewer} of ${all}`);
  assert.match(await page.title(), new RegExp((await page.locator('h1').innerText()).slice(0, 5)));

  await page.locator('#in_stock').check();
  await page.waitForURL(/category=.*&in_stock=1$/);
  await page.locator('.chip', { hasText: 'In stock' }).waitFor();
  await page.locator('#min_price').fill('a lot');
  await page.locator('#apply-price').click();
  await page.locator('#min_price-error').waitFor();
  await announced(one, /Lowest price/);
  assert.equal(await page.locator('#min_price').inputValue(), 'a lot');
  assert.deepEqual(await axe(one), [], 'axe finds nothing beside a message');
  await page.locator('#min_price').fill('1');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\?category=[^&]+&min_price=1&in_stock=1$/);
  await page.locator('#sort').selectOption('price_asc');
  await page.waitForURL(/&sort=price_asc$/);
  const prices = (await page.locator('.product-card .price').allInnerTexts()).map((text) => Number(text.replace(/[^\d.]/g, '')));
  assert.deepEqual(prices, prices.toSorted?.((a, b) => a - b) ?? [...prices].sort((a, b) => a - b));

  const before = await page.locator('.chip').count();
  await page.locator('.chip', { hasText: 'From $1.00' }).click();
  await page.waitForFunction((had) => document.querySelectorAll('.chip').length < had, before);
  // What had the focus is gone: the list begins anew at its heading, once it has settled.
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
  await page.getByRole('link', { name: 'Clear all' }).click();
  await page.waitForURL(/\/products\?sort=price_asc$/);
  await page.goBack();
  await page.waitForURL(/in_stock=1/);
  await page.locator('.chip', { hasText: 'In stock' }).waitFor();
  await page.reload();
  assert.equal(await page.locator('#in_stock').isChecked(), true, 'the address holds it all');
  assert.ok(!(await whole()), 'that was the only full load');
});

story('a page of the list is turned in place, and begins at its top', { sizes: BOTH }, async (one) => {
  const { page } = one;
  await page.goto('/products');
  await page.locator('.page-step[rel="next"]').click();
  await page.waitForURL(/\?page=2$/);
  await page.locator('.page-number.is-current', { hasText: '2' }).waitFor();
  await page.waitForFunction(() => {
    const { top } = document.getElementById('list').getBoundingClientRect();
    return top >= 0 && top < innerHeight / 2;
  });
  assert.deepEqual(await overflow(one, page.viewportSize().width), []);
});

story('on phones the filters are a sheet that stays open while they change', { sizes: ['phone'] }, async (one) => {
  const { page } = one;
  await page.goto('/products');
  assert.equal(await page.locator('#filters').isVisible(), false);
  await page.locator('#open-filters').click();
  const sheet = page.locator('#sheet');
  await sheet.waitFor();
  const link = sheet.locator('.filter-link[id^="category-"]:not(#category-all)').first();
  const id = await link.getAttribute('id');
  await link.click();
  await page.waitForURL(/category=/);
  await page.waitForFunction(() => document.querySelector('#sheet [aria-current]')?.id !== 'category-all');
  assert.equal(await sheet.isVisible(), true);
  assert.equal(await focusedId(one), id);
  await sheet.locator('#in_stock').check();
  await page.waitForURL(/in_stock=1/);
  await page.locator('#open-filters', { hasText: 'Filters (2)' }).waitFor();
  assert.deepEqual(await axe(one), [], 'axe finds nothing in the sheet');
  await sheet.getByRole('link', { name: /^Show \d+ products?$/ }).click();
  await sheet.waitFor({ state: 'hidden' });
  assert.equal(await focusedId(one), 'open-filters', 'the focus is back at the button');
  await page.locator('#open-filters').click();
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'hidden' });
  await page.locator('#open-filters').click();
  await sheet.locator('#in_stock').waitFor();
  assert.equal(await page.locator('#in_stock').count(), 1, 'the filters are there once');
});

story('filters that a wrong price has opened are put away again', { sizes: ['phone'] }, async (one) => {
  const { page } = one;
  const filters = page.locator('#filters');
  for (const close of ['Close', /^Show [\d,]+ products?$/]) {
    await page.goto('/products?min_price=cheap');
    await filters.locator('#min_price-error').waitFor();
    await filters.getByRole('link', { name: close }).click();
    await filters.waitFor({ state: 'hidden' });
    await page.locator('#list .product-card').first().waitFor();
  }
});

story('without JavaScript everything is links and forms', { sizes: BOTH, javaScript: false }, async (one) => {
  const { page } = one;
  const { name } = await product(one);
  await page.goto('/');
  await openSearch(one);
  await field(one).fill(name);
  await field(one).press('Enter');
  await page.waitForURL(/\/products\?search=/);
  assert.ok(await count(one) >= 1);
  await page.goto('/products');
  const open = async () => { if (one.size === 'phone') await page.locator('#open-filters').click(); };
  await open();
  await page.locator('#filters .filter-link[id^="category-"]:not(#category-all)').first().click();
  await page.waitForURL(/category=/);
  await open();
  await page.locator('#max_price').fill('100');
  await page.locator('#apply-price').click();
  await page.waitForURL(/\/products\?category=[^&]+&max_price=100$/);
  await page.locator('.chip', { hasText: '$100.00' }).waitFor();
  await page.locator('#sort').selectOption('price_desc');
  await page.getByRole('button', { name: 'Sort' }).click();
  await page.waitForURL(/&max_price=100&sort=price_desc$/);
  await page.goto('/products?min_price=20&max_price=1');
  await page.locator('#max_price-error').waitFor({ state: 'visible' });
});

story('a search without a result proposes other things', { sizes: BOTH }, async (one) => {
  const { page } = one;
  await page.goto('/products?search=xyzzyplugh&min_price=1');
  await isStill(one);
  assert.match(await page.locator('.empty h2').innerText(), /Nothing for “xyzzyplugh”/);
  assert.ok(await page.locator('.product-card').count() > 0, 'popular things');
  await page.locator('.empty .chip').first().click();
  await page.waitForURL(/\?search=xyzzyplugh$/);
});
