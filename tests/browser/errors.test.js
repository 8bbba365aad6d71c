// Error pages: the shop's own look, a way on, and an id to quote.
import assert from 'node:assert/strict';
import { story } from './support/browser.js';
import { markWindow } from './support/shop.js';

const BOTH = ['phone', 'desktop'];

async function isShopPage({ page }, answer, status) {
  assert.equal(answer.status(), status);
  const id = await page.locator('.request-id code').innerText();
  assert.ok(id.length >= 8 && answer.headers()['x-request-id'] === id, 'the id to quote is the one of the answer');
  assert.equal(await page.locator('.site-header').count(), 1, 'the header is there');
  assert.equal(await page.locator('h1').count(), 1);
  assert.match(await page.locator('.served-by').innerText(), /^Served by Server-\d+$/);
  assert.ok(await page.locator('main a').count() > 0, 'a way on');
}

for (const [what, path, status] of [
  ['an unknown address', '/there-is-nothing-here', 404],
  ['an unknown product', '/products/there-is-no-such-thing', 404],
  ['an unknown order', '/orders/ZZZZ-ZZZZ', 404],
  ['a missing file', '/static/there-is-no-such-file.css', 404],
  ['a page number that is none', '/products?page=0', 400],
]) {
  story(`${what} gives a ${status} in the shop's own look, with an id to quote`, { sizes: BOTH }, async (one) => {
    one.expects(status, path.split('?')[0]);
    const answer = await one.page.goto(path);
    await isShopPage(one, answer, status);
  });
}

story('a link to something that is gone meanwhile shows the error page, and back works', {}, async (one) => {
  const { page } = one;
  one.expects(404, '/products/');
  await page.goto('/products');
  // The list is still open while the product leaves the shop: its address is asked for and is not there any more.
  await page.route(/\/products\/[^?]+$/, (route) => route.continue({ url: `${route.request().url()}-is-gone` }));
  const isSameWindow = await markWindow(one);
  await page.locator('.product-card-name a').first().click();
  await page.locator('.request-id').waitFor();
  assert.ok(await isSameWindow(), 'htmx showed it');
  assert.equal(await page.locator('h1').count(), 1);
  await page.waitForFunction(() => document.activeElement?.matches('main h1'));
  await page.goBack();
  await page.locator('.product-grid').waitFor();
});

story('a form of another site changes nothing', {}, async (one) => {
  const { page } = one;
  one.expects(403, '/logout');
  const answer = await page.request.post('/logout', { headers: { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }, form: {} });
  assert.equal(answer.status(), 403);
  assert.match(await answer.text(), /<h1/);
});

story('a wrong password is told in one sentence, and the name is kept', { sizes: BOTH }, async (one) => {
  const { page } = one;
  one.expects(422, '/login');
  one.expects(401, '/login');
  await page.goto('/login');
  await page.locator('#login').fill('nobody.at.all');
  await page.locator('#password').fill('not the password');
  await page.locator('main form button[type="submit"]').click();
  await page.locator('main .notice').waitFor();
  assert.equal(await page.locator('#login').inputValue(), 'nobody.at.all');
  assert.equal(await page.locator('#password').inputValue(), '');
});
