// Hearts and the wishlist: pressed where a product is shown, above the link that covers its card.
import assert from 'node:assert/strict';
import { arrives, story } from './support/browser.js';
import { announced, haveInCart, inCart, markWindow, openCart, products, waitForCount } from './support/shop.js';

const BOTH = ['phone', 'desktop'];

async function waitForWishes({ page }, count) {
  await page.waitForFunction((wanted) => Number.parseInt(document.getElementById('wish-count')?.textContent ?? '', 10) === wanted, count);
}

// The number is there a moment before the heart that takes the focus.
async function hasFocus({ page }, label) {
  await page.waitForFunction((begins) => document.activeElement?.getAttribute('aria-label')?.startsWith(begins), label);
}

story('a heart on a card is pressed in place, keeps the focus and is said', { sizes: BOTH }, async (one) => {
  const { page } = one;
  await page.goto('/products');
  const isSameWindow = await markWindow(one);
  const heart = page.locator('.product-card .heart-button').first();
  const box = await heart.boundingBox();
  assert.ok(box.width >= 44 && box.height >= 44, `${box.width} × ${box.height}`);
  await heart.click();
  await waitForWishes(one, 1);
  await announced(one, /wishlist/i);
  assert.equal(new URL(page.url()).pathname, '/products', 'the card\'s link was not followed');
  assert.ok(await isSameWindow(), 'no full load');
  assert.equal(await heart.getAttribute('aria-pressed'), 'true');
  await hasFocus(one, 'Remove ');
  await page.keyboard.press('Enter');
  await waitForWishes(one, 0);
  await hasFocus(one, 'Add ');
  await page.keyboard.press('Enter');
  await waitForWishes(one, 1);
  await page.locator('.wish-link').click();
  await arrives(one, '/wishlist');
  assert.equal(await page.locator('.wishes .product-card').count(), 1);
});

for (const javaScript of [true, false]) {
  story(`what was wished for is removed, brought back and moved to the cart, ${javaScript ? 'with' : 'without'} JavaScript`, { javaScript }, async (one) => {
    const { page } = one;
    const [picked] = await products(one);
    await page.goto(`/products/${picked.slug}`);
    await page.locator('.product-title .heart-button').click();
    await page.locator('.product-title .heart-button[aria-pressed="true"]').waitFor();
    await page.goto('/wishlist');
    await page.getByRole('button', { name: /^Remove/ }).click();
    await page.locator('.empty').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('.wishes').waitFor();
    const move = page.getByRole('button', { name: /^Add to cart/ });
    if (await move.count() === 0) return; // Several to choose from: it leads to the product's page.
    await move.click();
    await page.locator('.empty').waitFor();
    assert.equal(await inCart(one), 1);
  });
}

story('a line is saved for later and comes back', { sizes: BOTH }, async (one) => {
  const { page } = one;
  await haveInCart(one, 2);
  await openCart(one);
  await page.getByRole('button', { name: /^Save for later/ }).click();
  await waitForCount(one, 0);
  await page.locator('.saved-lines .cart-line').waitFor();
  await announced(one, /later/i);
  await page.getByRole('button', { name: /^Move to cart/ }).click();
  await waitForCount(one, 2);
  assert.equal(await page.locator('.saved-lines').count(), 0);
});

story('the link to a wishlist is in view as soon as it is made, and copied by a button', { sizes: BOTH }, async (one) => {
  const { page } = one;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('/products');
  await page.locator('.product-card .heart-button').first().click();
  await waitForWishes(one, 1);
  await page.locator('.wish-link').click();
  await arrives(one, '/wishlist');
  await page.getByRole('button', { name: 'Create a link' }).click();
  const link = page.locator('#share-link');
  await page.waitForFunction(() => document.activeElement?.id === 'share-link');
  await page.getByRole('button', { name: 'Copy link' }).click();
  await announced(one, /^Copied$/);
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await link.inputValue());
  await page.getByRole('button', { name: 'Copy link' }).waitFor();
});
