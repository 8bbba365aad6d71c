// What people do in the shop, as the tests do it: by labels and names, with data of their own.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { arrives } from './browser.js';

export const GOOD_CARD = '4242 4242 4242 4242';
export const DECLINED_CARD = '4000 0000 0000 0002';

/** A text that no other test uses. */
export const unique = (prefix = 't') => `${prefix}${randomBytes(5).toString('hex')}`;

/** A person that nobody else is. */
export function person(name = 'Ada Lovelace') {
  const username = unique('ada.');
  return { username, email: `${username}@example.com`, password: unique('long enough '), name };
}

export const ADDRESS = { name: 'Ada Lovelace', line1: '12 Long Lane', line2: '', postal_code: '10115', city: 'Berlin', region: '', country: 'Germany' };

/** Products of which at least `stock` pieces can be had, in random order so that no test empties a shelf for the others. */
export async function products({ page }, { stock = 8 } = {}) {
  const found = [];
  for (let number = 1, pages = 1; number <= pages; number += 1) {
    const answer = await page.request.get(`/api/products/?per_page=100&page=${number}`);
    assert.equal(answer.status(), 200, 'GET /api/products/');
    const body = await answer.json();
    found.push(...body.products.filter((product) => product.in_stock && product.stock_quantity >= stock));
    pages = body.pages;
  }
  assert.ok(found.length > 3, `only ${found.length} products with ${stock} in stock`);
  return found.map((product) => [Math.random(), product]).sort(([a], [b]) => a - b).map(([, product]) => product);
}

export async function product(one, options) {
  return (await products(one, options))[0];
}

/** Opens a product's page and, where the first choice is sold out, chooses another. */
export async function openProduct({ page }, { slug }) {
  await page.goto(`/products/${slug}`);
  await choose({ page });
}

/** On a product's page: something that can be had. */
export async function choose({ page }) {
  const button = page.locator('#buy-button');
  await button.waitFor();
  if (await button.isEnabled()) return;
  await page.locator('.options .option:not(.is-out)').first().click();
  await page.locator('#buy-button:enabled').waitFor();
}

/** How many things the number on the cart says. */
export async function inCart({ page }) {
  return Number.parseInt(await page.locator('#cart-count').innerText(), 10);
}

export async function waitForCount({ page }, count) {
  await page.waitForFunction((wanted) => Number.parseInt(document.getElementById('cart-count')?.textContent ?? '', 10) === wanted, count);
}

/** On a product's page: into the cart, and the number on the cart follows. */
export async function addToCart(one, quantity = 1) {
  const before = await inCart(one);
  await one.page.locator('#quantity').fill(String(quantity));
  await one.page.locator('#buy-button').click();
  if (one.javaScript) await waitForCount(one, before + quantity);
  else await one.page.waitForLoadState('load');
  assert.equal(await inCart(one), before + quantity, 'the number on the cart');
}

/** Some product, from its page into the cart. */
export async function haveInCart(one, quantity = 1) {
  const picked = await product(one);
  await openProduct(one, picked);
  await addToCart(one, quantity);
  return picked;
}

export async function openCart(one) {
  await one.page.locator('.cart-link').click();
  await arrives(one, '/cart');
}

export async function goToCheckout(one) {
  await one.page.locator('main a[href="/checkout"]').first().click();
  await arrives(one, '/checkout');
}

/** Fills the checkout; what is given as null is left as it is. */
export async function fillCheckout({ page }, { email = `${unique('guest.')}@example.com`, card = GOOD_CARD, address = ADDRESS } = {}) {
  if (email !== null && await page.locator('#email').isEditable()) await page.locator('#email').fill(email);
  for (const [field, value] of Object.entries(address ?? {})) await page.locator(`#${field}`).fill(value);
  await page.locator('#payment_method-credit_card').check();
  if (card !== null) await page.locator('#card_number').fill(card);
  return email;
}

export const payButton = ({ page }) => page.getByRole('button', { name: /^Pay/ });

export async function pay(one) {
  await payButton(one).click();
}

/** Waits for the confirmation and gives the order's number. */
export async function confirmedOrder({ page }) {
  await page.locator('.confirmed').waitFor();
  const number = (await page.locator('.confirmed strong.num').first().innerText()).trim();
  assert.match(number, /^[A-Z0-9-]{4,}$/, 'the order number');
  return number;
}

/** From nothing to a placed order, in a few steps: its number. */
export async function buySomething(one, quantity = 1) {
  const picked = await haveInCart(one, quantity);
  await one.page.goto('/checkout');
  const email = await fillCheckout(one);
  await pay(one);
  return { product: picked, email, number: await confirmedOrder(one) };
}

/** The numbers in the list of orders, newest first. */
export async function orderNumbers({ page }) {
  await page.goto('/orders');
  const links = await page.locator('.order-card-number').all();
  return Promise.all(links.map(async (link) => (await link.getAttribute('href')).split('/').pop()));
}

/** On an order's page: asks to cancel, and says yes. */
export async function cancel({ page }, reason = '') {
  await page.locator('summary', { hasText: 'Cancel the order' }).click();
  await page.locator('#reason').fill(reason);
  await page.locator('form[action$="/cancellation"] button').click();
  await page.locator('.step.is-stopped').waitFor();
}

export async function register({ page }, who) {
  await page.locator('#username').fill(who.username);
  await page.locator('#email').fill(who.email);
  await page.locator('#full_name').fill(who.name);
  await page.locator('#password').fill(who.password);
  await page.locator('main form button[type="submit"]').click();
}

export async function signIn({ page }, login, password) {
  await page.locator('#login').fill(login);
  await page.locator('#password').fill(password);
  await page.locator('main form button[type="submit"]').click();
}

/** Marks the page's window, and says whether it is still the same: false after a full load. */
export async function markWindow({ page }) {
  await page.evaluate(() => { window.markOfTheTest = true; });
  return async () => page.evaluate(() => window.markOfTheTest === true);
}

/** Waits until screen readers are told something like `pattern`. */
export async function announced({ page }, pattern) {
  const { source, flags } = pattern;
  await page.waitForFunction(([text, how]) => new RegExp(text, how).test(document.getElementById('announcer')?.textContent ?? ''), [source, flags]);
}
