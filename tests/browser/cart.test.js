// The cart: changed in place, said to everybody, undone, and the same without JavaScript.
import assert from 'node:assert/strict';
import { arrives, story } from './support/browser.js';
import { addToCart, announced, haveInCart, inCart, markWindow, openCart, openProduct, products, waitForCount } from './support/shop.js';

const BOTH = ['phone', 'desktop'];
const quantity = ({ page }) => page.locator('.cart-line input[name="quantity"]').first();

/** Runs `act` and gives the requests to the shop's pages meanwhile: [method, path, kind]. */
async function requestsDuring({ page }, act) {
  const seen = [];
  const note = (request) => {
    if (['document', 'xhr', 'fetch'].includes(request.resourceType())) seen.push(request);
  };
  page.on('request', note);
  await act();
  page.off('request', note);
  return seen;
}

story('adding to the cart tells the number, without leaving the page', { sizes: BOTH }, async (one) => {
  const { page } = one;
  const [picked] = await products(one);
  await openProduct(one, picked);
  const isSameWindow = await markWindow(one);
  const address = page.url();
  const requests = await requestsDuring(one, () => addToCart(one, 2));
  assert.ok(await isSameWindow(), 'no full load');
  assert.equal(page.url(), address);
  assert.ok(requests.every((request) => request.resourceType() !== 'document'), 'no document was loaded');
  await announced(one, /cart/i);
  await page.locator('.toasts a', { hasText: /cart/i }).click();
  await arrives(one, '/cart');
  assert.equal(await quantity(one).inputValue(), '2');
});

story('a quantity is changed in place: line, sum and number follow, and it is said', { sizes: BOTH }, async (one) => {
  const { page } = one;
  await haveInCart(one, 1);
  await openCart(one);
  const isSameWindow = await markWindow(one);
  const before = await page.locator('.sums-total dd').innerText();
  const requests = await requestsDuring(one, async () => {
    await page.locator('.cart-line [data-step="1"]').first().click();
    await waitForCount(one, 2);
  });
  assert.ok(await isSameWindow(), 'no full load');
  assert.ok(requests.every((request) => request.resourceType() !== 'document' && request.headers()['hx-boosted'] === undefined), 'a part alone was asked for');
  assert.equal(await quantity(one).inputValue(), '2');
  assert.notEqual(await page.locator('.sums-total dd').innerText(), before, 'the total follows');
  await announced(one, /\S/);
  await quantity(one).fill('3');
  await quantity(one).press('Enter');
  await waitForCount(one, 3);
  await page.reload();
  assert.equal(await quantity(one).inputValue(), '3', 'it is kept');
});

story('quick clicks on the stepper all count', {}, async (one) => {
  const { page } = one;
  await haveInCart(one, 1);
  await openCart(one);
  for (let click = 0; click < 3; click += 1) await page.locator('.cart-line [data-step="1"]').first().click();
  await waitForCount(one, 4);
  assert.equal(await quantity(one).inputValue(), '4');
});

story('focus stays on the stepper after a change', {}, async (one) => {
  const { page } = one;
  await haveInCart(one, 1);
  await openCart(one);
  const more = page.locator('.cart-line [data-step="1"]').first();
  const id = await more.getAttribute('id');
  await more.focus();
  await page.keyboard.press('Enter');
  await waitForCount(one, 2);
  assert.equal(await page.evaluate(() => document.activeElement?.id), id);
});

story('a line is removed and brought back', { sizes: BOTH }, async (one) => {
  const { page } = one;
  const [first, second] = await products(one);
  await openProduct(one, first);
  await addToCart(one, 2);
  await openProduct(one, second);
  await addToCart(one, 1);
  await openCart(one);
  const isSameWindow = await markWindow(one);
  const line = page.locator('.cart-line').filter({ has: page.locator('.cart-line-name', { hasText: first.name }) });
  await line.getByRole('button', { name: /remove/i }).click();
  await waitForCount(one, 1);
  assert.equal(await line.count(), 0, 'the line is gone');
  await announced(one, /removed/i);
  await page.getByRole('button', { name: 'Undo' }).click();
  await waitForCount(one, 3);
  await line.waitFor();
  assert.equal(await line.locator('input[name="quantity"]').inputValue(), '2', 'as many as before');
  assert.ok(await isSameWindow(), 'no full load');
});

story('the last line removed leaves an empty cart that leads on, and can be undone', { sizes: BOTH }, async (one) => {
  const { page } = one;
  await haveInCart(one, 1);
  await openCart(one);
  await page.locator('.cart-line').getByRole('button', { name: /remove/i }).click();
  await page.locator('.empty').waitFor();
  await waitForCount(one, 0);
  assert.ok(await page.locator('.empty a[href^="/products"], .empty a[href="/"]').count() > 0, 'a way on');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.locator('.cart-line').waitFor();
  assert.equal(await inCart(one), 1);
});

story('the cart is changed, emptied and restored without JavaScript', { sizes: BOTH, javaScript: false }, async (one) => {
  const { page } = one;
  await haveInCart(one, 1);
  await page.goto('/cart');
  await quantity(one).fill('3');
  await page.locator('.cart-line').getByRole('button', { name: /update/i }).click();
  await page.waitForLoadState('load');
  assert.equal(await quantity(one).inputValue(), '3');
  assert.equal(await inCart(one), 3);
  await page.locator('.cart-line').getByRole('button', { name: /remove/i }).click();
  await page.locator('.empty').waitFor();
  assert.equal(await inCart(one), 0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.locator('.cart-line').waitFor();
  assert.equal(await quantity(one).inputValue(), '3');
});

story('more than there is: the shop says how many there are', {}, async (one) => {
  const { page } = one;
  one.expects(422, '/cart/items');
  one.expects(409, '/cart/items');
  await haveInCart(one, 1);
  await openCart(one);
  const input = quantity(one);
  await input.evaluate((field) => field.removeAttribute('max'));
  await input.fill('999');
  await input.press('Enter');
  await page.locator('#cart').getByText(/\d+ (are )?(left|available|in stock)|only/i).first().waitFor();
  assert.ok(await inCart(one) < 999);
});

story('back and forward bring the pages back, with the number of now', { sizes: BOTH }, async (one) => {
  const { page } = one;
  const [picked] = await products(one);
  await page.goto('/');
  await page.locator('.tiles .tile').first().click();
  await arrives(one, /^\/products\?/);
  const list = new URL(page.url()).pathname + new URL(page.url()).search;
  await page.locator('.product-card-name a').first().click();
  await arrives(one, /^\/products\/./);
  await page.goBack();
  await arrives(one, list);
  await page.locator('.product-grid').waitFor();
  assert.equal(await page.locator('h1').count(), 1);
  await page.goBack();
  await page.locator('.tiles').waitFor();
  assert.equal(new URL(page.url()).pathname, '/');
  await page.goForward();
  await arrives(one, list);
  await page.locator('.product-grid').waitFor();

  await openProduct(one, picked);
  await addToCart(one, 1);
  await openCart(one);
  await page.locator('.cart-line [data-step="1"]').first().click();
  await waitForCount(one, 2);
  await page.goBack();
  await arrives(one, /^\/products\//);
  await waitForCount(one, 2);
});
