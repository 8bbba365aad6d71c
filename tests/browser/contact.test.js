// Writing to the shop, asking for a call, and reading its help: with and without JavaScript.
import assert from 'node:assert/strict';
import { arrives, story } from './support/browser.js';
import { unique } from './support/shop.js';

const BOTH = ['phone', 'desktop'];

async function fill({ page }, fields) {
  for (const [field, value] of Object.entries(fields)) await page.locator(`#${field}`).fill(value);
}

async function written(one) {
  const { page, javaScript } = one;
  one.expects(422, '/contact');
  await page.goto('/');
  await page.locator('.topbar a').click();
  await arrives(one, '/contact');
  const text = `Where is my mug? ${unique()}`;
  await fill(one, { name: 'Ada Lovelace', email: 'ada at example', message: text });
  await page.getByRole('button', { name: 'Send message' }).click();
  await page.locator('#error-summary').waitFor();
  assert.equal(await page.locator('#message').inputValue(), text, 'what was written stays');
  if (javaScript) {
    await page.waitForFunction(() => document.activeElement?.id === 'error-summary');
    await page.locator('#error-summary a[href="#email"]').click();
    await page.waitForFunction(() => document.activeElement?.id === 'email');
  }
  await fill(one, { email: `${unique('ada.')}@example.com` });
  await page.locator('#topic').selectOption('order');
  await page.getByRole('button', { name: 'Send message' }).click();
  await arrives(one, /^\/contact\/thanks\?message=/);
  assert.match(await page.locator('.confirmed .num').innerText(), /^[0-9A-Z]{4}(-[0-9A-Z]{4}){2}$/);
}

story('someone writes to the shop', { sizes: BOTH }, written);
story('someone writes to the shop without JavaScript', { javaScript: false }, written);

async function called(one) {
  const { page } = one;
  one.expects(422, '/contact/call-back');
  await page.goto('/contact');
  await page.locator('main a[href="/contact/call-back"]').click();
  await arrives(one, '/contact/call-back');
  await page.locator('#name').fill('Ada Lovelace');
  await page.getByRole('button', { name: 'Request the call' }).click();
  await page.locator('#slot-error').waitFor();
  const slots = page.locator('.slot-day[open] .option');
  // Not the first one: with the hours of the demo shop it may pass while this runs. Any one, so that runs do not fill up one slot.
  const chosen = slots.nth(1 + Math.floor(Math.random() * (await slots.count() - 1)));
  const time = await chosen.innerText();
  await chosen.click();
  await page.locator('#phone').fill('+1 555 0100');
  await page.locator('#topic').selectOption('product');
  await page.getByRole('button', { name: 'Request the call' }).click();
  await arrives(one, /^\/contact\/thanks\?call=/);
  assert.ok(time.includes(await page.locator('.confirmed .num').first().innerText()), `the time that was chosen: ${time}`);
}

story('someone asks for a call', { sizes: BOTH }, called);
story('someone asks for a call without JavaScript', { javaScript: false }, called);

story('times are chosen by keyboard, across days', {}, async (one) => {
  const { page } = one;
  await page.goto('/contact/call-back');
  const radios = page.locator('.slot-day[open] input[name="slot"]');
  await radios.first().focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowRight');
  assert.ok(await radios.nth(1).isChecked());
  const day = await page.locator('.slot-day').nth(2).locator('summary');
  await day.focus();
  await page.keyboard.press('Enter');
  await page.locator('.slot-day').nth(2).locator('.option').first().waitFor();
});

story('nobody meets the field that is there for machines', {}, async (one) => {
  const { page } = one;
  await page.goto('/contact');
  assert.equal(await page.getByLabel('Leave this empty').evaluate((field) => field.tabIndex), -1);
  assert.equal(await page.getByRole('textbox', { name: 'Leave this empty' }).count(), 0, 'not for screen readers');
  await page.locator('#copy').focus();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent?.trim()), 'Send message');
});

story('help is found from every page', { sizes: BOTH }, async (one) => {
  const { page } = one;
  for (const [label, path] of [['Shipping', '/shipping'], ['Returns', '/returns'], ['Privacy', '/privacy'], ['Terms', '/terms']]) {
    await page.goto('/');
    await page.locator('.site-footer').getByRole('link', { name: label, exact: true }).click();
    await arrives(one, path);
    assert.equal(await page.locator('.prose h1').innerText(), label);
    assert.equal(await page.locator('.list-nav [aria-current]').innerText(), label);
  }
});
