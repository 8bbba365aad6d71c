// Everything by keyboard alone: Tab, Enter, Space, arrows and typing.
import assert from 'node:assert/strict';
import { arrives, story } from './support/browser.js';
import { ADDRESS, GOOD_CARD, confirmedOrder, product, unique, waitForCount } from './support/shop.js';

const BOTH = ['phone', 'desktop'];

/** What has the focus: whether it fits `selector`, and whether one can see that. */
const focused = ({ page }, selector) => page.evaluate((wanted) => {
  const element = document.activeElement;
  if (!element || element === document.body) return { fits: false, name: 'nothing' };
  // A focus ring is drawn around the control itself, or around the card or row that holds it.
  const isRinged = (one) => [undefined, '::after'].some((part) => {
    const style = getComputedStyle(one, part);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
  });
  const around = [element, element.parentElement, element.parentElement?.parentElement].filter(Boolean);
  const box = element.getBoundingClientRect();
  return {
    fits: element.matches(wanted),
    name: `${element.tagName.toLowerCase()}#${element.id} "${(element.textContent || element.value || '').trim().slice(0, 30)}"`,
    isSeen: around.some(isRinged) && (box.width > 0 && box.height > 0),
  };
}, selector);

/** Presses Tab until `selector` has the focus; every stop on the way must be visible. */
async function tabTo(one, selector, limit = 120) {
  for (let press = 0; press < limit; press += 1) {
    const stop = await focused(one, selector);
    if (stop.fits) return;
    await one.page.keyboard.press('Tab');
    const next = await focused(one, selector);
    assert.ok(next.name === 'nothing' || next.isSeen, `the focus on ${next.name} cannot be seen`);
  }
  assert.fail(`Tab never reached ${selector}`);
}

async function type(one, selector, text) {
  await tabTo(one, selector);
  await one.page.keyboard.press('Control+A');
  await one.page.keyboard.type(text);
}

story('the first Tab shows a link that skips to the content', { sizes: BOTH }, async (one) => {
  const { page } = one;
  await page.goto('/');
  await page.keyboard.press('Tab');
  const stop = await focused(one, '.skip-link');
  assert.ok(stop.fits, `first stop: ${stop.name}`);
  const box = await page.locator('.skip-link').boundingBox();
  assert.ok(box.y >= 0 && box.height > 20, 'it is in view');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.id === 'main');
  await page.keyboard.press('Tab');
  const within = await page.evaluate(() => document.activeElement?.closest('main') !== null);
  assert.ok(within, 'the next stop is in the content');
});

story('something is bought by keyboard alone, from the product to the confirmation', { sizes: BOTH }, async (one) => {
  const { page } = one;
  const { slug } = await product(one);
  await page.goto(`/products/${slug}`);
  if (await page.locator('#buy-button').isDisabled()) {
    await tabTo(one, '.option:not(.is-out)');
    await page.keyboard.press('Enter');
    await page.locator('#buy-button:enabled').waitFor();
  }
  await type(one, '#quantity', '2');
  await tabTo(one, '#buy-button');
  await page.keyboard.press('Enter');
  await waitForCount(one, 2);
  // The message offers the cart; whoever does not wait for it takes the link in the header.
  await page.keyboard.press('Control+Home');
  await page.evaluate(() => document.activeElement?.blur());
  await tabTo(one, '.cart-link, .toasts a[href="/cart"]', 200);
  await page.keyboard.press('Enter');
  await arrives(one, '/cart');
  await page.waitForFunction(() => document.activeElement?.matches('main h1'));
  await tabTo(one, 'a[href="/checkout"]');
  await page.keyboard.press('Enter');
  await arrives(one, '/checkout');

  await type(one, '#email', `${unique('guest.')}@example.com`);
  for (const field of ['name', 'line1', 'postal_code', 'city', 'country']) await type(one, `#${field}`, ADDRESS[field]);
  await tabTo(one, 'input[name="delivery"]');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await tabTo(one, 'input[name="payment_method"]');
  if (!await page.locator('#payment_method-credit_card').isChecked()) {
    while (!await page.locator('#payment_method-credit_card').isChecked()) await page.keyboard.press('ArrowDown');
  }
  await page.keyboard.press('Space');
  await type(one, '#card_number', GOOD_CARD);
  await tabTo(one, '#checkout button[type="submit"]:not(.no-js-only)');
  await page.keyboard.press('Enter');
  await confirmedOrder(one);
});

story('menus open, close with Esc, and give the focus back', { sizes: BOTH }, async (one) => {
  const { page } = one;
  await page.goto('/');
  const menu = page.locator('.menu-categories');
  if (!await menu.locator('summary').isVisible()) return;
  await menu.locator('summary').focus();
  await page.keyboard.press('Enter');
  await menu.locator('.menu-panel').waitFor({ state: 'visible' });
  await page.keyboard.press('Tab');
  await page.keyboard.press('Escape');
  await menu.locator('.menu-panel').waitFor({ state: 'hidden' });
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'SUMMARY');
});
