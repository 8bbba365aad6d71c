// From the home page to a placed order: as a guest, with a new account, with an old one, and without JavaScript.
import assert from 'node:assert/strict';
import { arrives, story } from './support/browser.js';
import {
  addToCart, buySomething, choose, confirmedOrder, fillCheckout, goToCheckout, haveInCart, inCart, openCart, openProduct, orderNumbers, pay,
  payButton, person, products, register, signIn,
} from './support/shop.js';

const BOTH = ['phone', 'desktop'];

/** The way of a newcomer: home, a category, a product of it, cart, checkout; gives what the confirmation says. */
async function walkAndBuy(one) {
  const { page } = one;
  await page.goto('/');
  await page.locator('.tiles .tile').first().click();
  await arrives(one, /^\/products\?category=/);
  const category = await page.getByRole('heading', { level: 1 }).innerText();
  const card = page.locator('.product-card').filter({ hasNotText: 'Sold out' }).first();
  const name = (await card.locator('.product-card-name').innerText()).trim();
  await card.locator('.product-card-name a').click();
  await arrives(one, /^\/products\/./);
  assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), name);
  assert.ok(await page.locator('.breadcrumbs').getByText(category, { exact: true }).count() > 0, 'the breadcrumbs lead back to the category');
  await choose(one);
  await addToCart(one);
  await openCart(one);
  assert.match(await page.locator('.cart-line').innerText(), new RegExp(name.replace(/[^\w ]/g, '.')));
  await goToCheckout(one);
  const email = await fillCheckout(one);
  const total = (await payButton(one).innerText()).match(/[$€£]?[\d.,]+/)[0];
  await pay(one);
  const number = await confirmedOrder(one);
  return { email, name, number, total };
}

/** The order is in the list and has a page that says what was bought and for how much. */
async function seesTheOrder(one, { name, number, total }) {
  const { page } = one;
  assert.ok((await orderNumbers(one)).includes(number), `/orders lists ${number}`);
  await page.locator('.order-card-number', { hasText: number }).click();
  await arrives(one, `/orders/${number}`);
  const text = await page.locator('main').innerText();
  assert.ok(text.includes(number), 'its number');
  assert.ok(text.includes(name), 'what was bought');
  assert.ok(text.includes(total), 'what it cost');
}

story('a guest buys something', { sizes: BOTH }, async (one) => {
  const order = await walkAndBuy(one);
  const text = await one.page.locator('main').innerText();
  assert.ok(text.includes(order.email), 'the confirmation says where the mail goes');
  assert.equal(await inCart(one), 0, 'the cart is empty');
  await seesTheOrder(one, order);
});

story('a guest buys something without JavaScript', { sizes: BOTH, javaScript: false }, async (one) => {
  const order = await walkAndBuy(one);
  assert.equal(await inCart(one), 0, 'the cart is empty');
  await seesTheOrder(one, order);
});

story('a visitor who registers on the way keeps the cart, buys, and finds the order in the account', { sizes: BOTH }, async (one) => {
  const { page } = one;
  const who = person();
  const picked = await haveInCart(one, 2);
  await openCart(one);
  await goToCheckout(one);
  await page.locator('main a[href^="/login"]').first().click();
  await arrives(one, /^\/login\?next=/);
  await page.locator('main a[href^="/register"]').click();
  await arrives(one, /^\/register\?next=/);
  await register(one, who);
  await arrives(one, '/checkout');
  assert.equal(await inCart(one), 2, 'the cart came along');
  await fillCheckout(one, { email: who.email });
  await pay(one);
  const number = await confirmedOrder(one);
  const text = await page.locator('main').innerText();
  assert.ok(text.includes(picked.name), 'what was bought');
  assert.deepEqual(await orderNumbers(one), [number], 'the order is the only one of the new account');
  // Not only on this device: signed out it is gone, signed in again it is back.
  await page.context().clearCookies();
  assert.deepEqual(await orderNumbers(one), []);
  await page.goto('/login?next=/orders');
  await signIn(one, who.username, who.password);
  await arrives(one, '/orders');
  assert.deepEqual(await orderNumbers(one), [number], 'signed in again');
});

/** Leaves these products in the cart of a demo account, as if on another device. */
async function leaveInAccountsCart(one, account, lefts) {
  const { page, context } = one;
  await page.goto('/login');
  await signIn(one, account, 'password123');
  await page.locator('.menu-account').waitFor();
  const status = await page.evaluate(async () => (await fetch('/api/cart/clear', { method: 'DELETE' })).status);
  assert.equal(status, 200, 'DELETE /api/cart/clear');
  for (const left of lefts) {
    await openProduct(one, left);
    await addToCart(one, 1);
  }
  await context.clearCookies();
}

for (const [size, account] of [['phone', 'john_doe'], ['desktop', 'jane_smith']]) {
  story(`${account} signs in during checkout: both carts are joined, and the shop says so`, { sizes: [size] }, async (one) => {
    const { page } = one;
    const [both, old, fresh] = await products(one);
    await leaveInAccountsCart(one, account, [both, old]);
    await openProduct(one, both);
    await addToCart(one, 2);
    await openProduct(one, fresh);
    await addToCart(one, 1);
    await page.goto('/checkout');
    await page.locator('main a[href^="/login"]').first().click();
    await arrives(one, /^\/login\?next=/);
    await signIn(one, account, 'password123');
    await arrives(one, '/checkout');
    assert.match(await page.locator('.toasts').innerText(), /cart/i, 'the shop says that the carts were joined');
    assert.equal(await inCart(one), 5, 'nothing got lost');
    await openCart(one);
    const line = (name) => page.locator('.cart-line').filter({ has: page.locator('.cart-line-name', { hasText: name }) });
    assert.equal(await line(both.name).locator('input[name="quantity"]').inputValue(), '3', 'the same product was summed up');
    assert.equal(await line(old.name).count(), 1, 'what the account had');
    assert.equal(await line(fresh.name).count(), 1, 'what the visitor had');
    await page.goto('/checkout');
    await fillCheckout(one, { email: null });
    await pay(one);
    const number = await confirmedOrder(one);
    assert.equal((await orderNumbers(one))[0], number, 'the newest order of the account');
  });
}

story('a double click on Pay gives one order', {}, async (one) => {
  await haveInCart(one);
  await one.page.goto('/checkout');
  await fillCheckout(one);
  await payButton(one).dblclick();
  const number = await confirmedOrder(one);
  assert.deepEqual(await orderNumbers(one), [number]);
});

story('a double click on Pay gives one order without JavaScript too', { javaScript: false }, async (one) => {
  await haveInCart(one);
  await one.page.goto('/checkout');
  await fillCheckout(one);
  // Both clicks reach the shop: the browser gives up the first answer for the second.
  await payButton(one).dblclick({ noWaitAfter: true });
  const number = await confirmedOrder(one);
  assert.deepEqual(await orderNumbers(one), [number]);
});

story('the same form sent again, after going back, is the same order', { javaScript: false }, async (one) => {
  const { page } = one;
  const { number } = await buySomething(one);
  await page.goBack();
  if (await payButton(one).count() > 0) {
    await page.locator('#card_number').fill('4242 4242 4242 4242');
    await pay(one);
    assert.equal(await confirmedOrder(one), number);
  }
  assert.deepEqual(await orderNumbers(one), [number]);
});

story('someone else does not see a guest\'s order', {}, async (one) => {
  const { page, context } = one;
  const { number } = await buySomething(one);
  await context.clearCookies();
  one.expects(404, '/orders/');
  const answer = await page.goto(`/orders/${number}`);
  assert.equal(answer.status(), 404);
  assert.ok(!(await page.locator('main').innerText()).includes('Long Lane'), 'no address');
});
