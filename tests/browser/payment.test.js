// What happens when the checkout does not go through: a declined card, and fields that are not right.
import assert from 'node:assert/strict';
import { story } from './support/browser.js';
import {
  DECLINED_CARD, GOOD_CARD, confirmedOrder, fillCheckout, haveInCart, inCart, orderNumbers, pay, payButton, unique,
} from './support/shop.js';

// Good as well, and not in the page's own hint.
const ANOTHER_CARD = '5555 5555 5555 4444';
const BOTH = ['phone', 'desktop'];

async function declinedThenPaid(one) {
  const { page } = one;
  one.expects(422, '/checkout');
  one.expects(402, '/checkout');
  const picked = await haveInCart(one, 2);
  await page.goto('/checkout');
  const email = `${unique('guest.')}@example.com`;
  await fillCheckout(one, { email, card: DECLINED_CARD });
  await pay(one);
  await page.locator('#checkout-notice').getByText(/declined/i).waitFor();
  assert.equal(await inCart(one), 2, 'the cart is kept');
  assert.equal(await page.locator('#email').inputValue(), email, 'what was typed is kept');
  assert.equal(await page.locator('#line1').inputValue(), '12 Long Lane', 'the address too');
  assert.equal(await page.locator('#card_number').inputValue(), '', 'the card number is not');
  assert.doesNotMatch(await page.content(), /value="4000/, 'nor anywhere in the page');
  if (one.javaScript) await page.waitForFunction(() => document.activeElement?.id === 'checkout-notice');

  await page.locator('#card_number').fill(GOOD_CARD);
  await pay(one);
  const number = await confirmedOrder(one);
  assert.equal(await inCart(one), 0);
  await page.goto(`/orders/${number}`);
  assert.ok((await page.locator('main').innerText()).includes(picked.name));
}

story('a declined card is told, the cart is kept, and a good card then works', { sizes: BOTH }, declinedThenPaid);
story('a declined card is told without JavaScript too', { javaScript: false }, declinedThenPaid);

async function wrongFields(one) {
  const { page } = one;
  one.expects(422, '/checkout');
  await haveInCart(one);
  await page.goto('/checkout');
  await fillCheckout(one, { email: 'ada at example', card: ANOTHER_CARD, address: { name: 'Ada Lovelace', line1: '12 Long Lane', postal_code: '', city: '', country: 'Germany' } });
  const answer = page.waitForResponse((response) => response.request().method() === 'POST' && response.url().endsWith('/checkout'));
  await pay(one);
  assert.equal((await answer).status(), 422);
  await page.locator('#email[aria-invalid="true"]').waitFor();
  for (const field of ['email', 'postal_code', 'city']) {
    const input = page.locator(`#${field}`);
    assert.equal(await input.getAttribute('aria-invalid'), 'true', `${field} is marked`);
    const described = (await input.getAttribute('aria-describedby')).split(' ')[0];
    assert.ok((await page.locator(`#${described}`).innerText()).trim().length > 5, `${field} says what is wrong`);
  }
  assert.equal(await page.locator('#line1').getAttribute('aria-invalid'), null, 'what is right is not marked');
  assert.equal(await page.locator('#email').inputValue(), 'ada at example', 'what was typed is kept');
  assert.equal(await page.locator('#line1').inputValue(), '12 Long Lane');
  assert.equal(await page.locator('#card_number').inputValue(), '', 'the card number is not kept');
  assert.ok(!(await page.content()).includes(ANOTHER_CARD), 'nor anywhere in the page');
  assert.equal(await inCart(one), 1, 'nothing was bought');
  assert.ok(new URL(page.url()).pathname === '/checkout');
}

story('wrong fields come back marked, with what was typed, and without the card number', { sizes: BOTH }, async (one) => {
  const { page } = one;
  await wrongFields(one);
  await page.waitForFunction(() => document.activeElement?.matches('#error-summary, [aria-invalid="true"]'));
  // The summary leads to the field.
  await page.locator('#error-summary a[href="#city"]').click();
  await page.waitForFunction(() => document.activeElement?.id === 'city');
  // Put right, it goes through.
  await page.locator('#email').fill(`${unique('guest.')}@example.com`);
  await page.locator('#postal_code').fill('10115');
  await page.locator('#city').fill('Berlin');
  await page.locator('#card_number').fill(GOOD_CARD);
  await pay(one);
  const number = await confirmedOrder(one);
  assert.deepEqual(await orderNumbers(one), [number]);
});
story('wrong fields come back marked without JavaScript too', { javaScript: false }, wrongFields);

story('a card number with a typing mistake is said at its field', {}, async (one) => {
  const { page } = one;
  one.expects(422, '/checkout');
  await haveInCart(one);
  await page.goto('/checkout');
  await fillCheckout(one, { card: '4242 4242 4242 4243' });
  await pay(one);
  await page.locator('#card_number[aria-invalid="true"]').waitFor();
  assert.ok((await page.locator('#card_number-error').innerText()).trim().length > 5);
});

story('the fields of the card go with the card, and the total follows the delivery', { sizes: BOTH }, async (one) => {
  const { page } = one;
  await haveInCart(one);
  await page.goto('/checkout');
  await page.locator('#payment_method-credit_card').check();
  await page.locator('#card_number').waitFor({ state: 'visible' });
  const others = page.locator('input[name="payment_method"]:not([value="credit_card"]):not([value="debit_card"])');
  if (await others.count() > 0) {
    await others.first().check();
    await page.locator('#card_number').waitFor({ state: 'hidden' });
    await page.locator('#payment_method-credit_card').check();
  }
  const before = await payButton(one).innerText();
  await page.locator('#delivery-express').check();
  await page.waitForFunction((label) => {
    const button = [...document.querySelectorAll('button')].find((one) => /^Pay/.test(one.textContent.trim()));
    return button && button.textContent.trim() !== label.trim();
  }, before);
});
