// An order after it was placed: seen, cancelled once.
import assert from 'node:assert/strict';
import { story } from './support/browser.js';
import { buySomething, cancel, orderNumbers } from './support/shop.js';

const BOTH = ['phone', 'desktop'];

/** What is left of a product, as the JSON says. */
async function stock({ page }, id) {
  const answer = await page.request.get(`/api/products/${id}`);
  return (await answer.json()).product.stock_quantity;
}

async function cancelled(one) {
  const { page } = one;
  const { number, product } = await buySomething(one, 1);
  const left = await stock(one, product.id);
  await page.goto(`/orders/${number}`);
  await cancel(one, 'Found it in the cellar');
  assert.equal(await page.locator('form[action$="/cancellation"]').count(), 0, 'it cannot be cancelled twice');
  // Nothing else buys exactly this product while the test runs, or nearly nothing: it is one of many at random.
  assert.ok(await stock(one, product.id) > left, 'the stock is back');
  await orderNumbers(one);
  assert.match(await page.locator('.order-card', { hasText: number }).innerText(), /cancelled/i);
}

story('an order is cancelled, and its stock is back', { sizes: BOTH }, cancelled);
story('an order is cancelled without JavaScript too', { javaScript: false }, cancelled);

story('a visitor without orders is told so, and led on', { sizes: BOTH }, async (one) => {
  const { page } = one;
  await page.goto('/orders');
  await page.locator('.empty').waitFor();
  assert.ok(await page.locator('.empty a').count() > 0);
});
