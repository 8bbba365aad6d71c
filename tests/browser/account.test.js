// The account area: addresses, password, devices, and checkout with saved addresses.
import assert from 'node:assert/strict';
import { arrives, story, visitor } from './support/browser.js';
import { ADDRESS, announced, confirmedOrder, fillCheckout, haveInCart, pay, person, register, signIn, unique } from './support/shop.js';

const BOTH = ['phone', 'desktop'];

/** Someone new, signed in. */
async function newcomer(one) {
  const who = person();
  await one.page.goto('/register');
  await register(one, who);
  await arrives(one, '/account');
  return who;
}

async function addAddress(one, street) {
  const { page } = one;
  await page.goto('/account/addresses/new');
  for (const [field, value] of Object.entries({ ...ADDRESS, line1: street })) await page.locator(`#${field}`).fill(value);
  await page.getByRole('button', { name: 'Save the address' }).click();
  await arrives(one, '/account/addresses');
}

const streets = ({ page }) => page.locator('.entry address').allInnerTexts().then((all) => all.map((text) => text.split('\n')[1]));

/** An entry's button or link, whatever the address is called. */
const action = ({ page }, street, name) => page.locator('.entry', { hasText: street }).locator('button, a', { hasText: name });

async function bookkeeping(one) {
  const { page } = one;
  await newcomer(one);
  await page.locator('.list-nav').getByRole('link', { name: 'Addresses' }).click();
  await arrives(one, '/account/addresses');
  await page.locator('.empty').waitFor();
  await addAddress(one, '1 First Street');
  await addAddress(one, '2 Second Street');
  assert.deepEqual(await streets(one), ['1 First Street', '2 Second Street']);
  await action(one, '2 Second', 'Make default').click();
  await page.locator('.entry').first().filter({ hasText: '2 Second Street' }).waitFor();
  await action(one, '2 Second', 'Edit').click();
  await arrives(one, /^\/account\/addresses\/\d+$/);
  await page.locator('#line1').fill('22 Second Street');
  await page.getByRole('button', { name: 'Save the address' }).click();
  await arrives(one, '/account/addresses');
  await action(one, '22 Second', 'Remove').click();
  await page.getByRole('button', { name: 'Undo' }).waitFor();
  if (one.javaScript) await announced(one, /22 Second Street is removed/);
  assert.deepEqual(await streets(one), ['1 First Street']);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.locator('.entry', { hasText: '22 Second Street' }).waitFor();
  assert.deepEqual(await streets(one), ['22 Second Street', '1 First Street'], 'back as the default');
}

story('addresses are added, chosen, changed, removed and brought back', { sizes: BOTH }, bookkeeping);
story('the address book works without JavaScript too', { javaScript: false }, bookkeeping);

async function checkoutWithBook(one) {
  const { page } = one;
  await newcomer(one);
  await addAddress(one, '1 First Street');
  await addAddress(one, '2 Second Street');
  await haveInCart(one, 1);
  await page.goto('/checkout');
  assert.equal(await page.locator('#line1').inputValue(), '1 First Street');
  await page.locator('a.choice', { hasText: '2 Second Street' }).click();
  await arrives(one, /^\/checkout\?address=/);
  assert.equal(await page.locator('#line1').inputValue(), '2 Second Street');
  assert.equal(await page.locator('a.choice[aria-current]').count(), 1);
  await page.getByRole('link', { name: 'Use a new address' }).click();
  await arrives(one, '/checkout?address=new');
  const street = `${unique('3 ')} Third Street`;
  await fillCheckout(one, { email: null, address: { ...ADDRESS, line1: street } });
  await page.locator('#save_address').check();
  await pay(one);
  await confirmedOrder(one);
  await page.goto('/account/addresses');
  assert.deepEqual(await streets(one), ['1 First Street', '2 Second Street', street]);
}

story('checkout offers the saved addresses and keeps a new one', { sizes: BOTH }, checkoutWithBook);
story('a saved address is chosen at checkout without JavaScript too', { javaScript: false }, checkoutWithBook);

story('a new password signs the other device out, and this one stays', { sizes: BOTH }, async (one) => {
  const { page } = one;
  const who = await newcomer(one);
  const other = await visitor({ size: one.size });
  try {
    await other.page.goto('/login');
    await signIn(other, who.username, who.password);
    await arrives(other, '/account');

    await page.locator('.list-nav').getByRole('link', { name: 'Password' }).click();
    await arrives(one, '/account/password');
    one.expects(422, '/account/password');
    assert.match(await page.locator('main').innerText(), /8 to 128 characters/);
    await page.locator('#current_password').fill('not the password');
    await page.locator('#new_password').fill(`${who.password} again`);
    await page.locator('[aria-controls="new_password"]').click();
    assert.equal(await page.locator('#new_password').getAttribute('type'), 'text', 'what is typed can be seen');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.locator('#current_password-error').waitFor();
    assert.equal(await page.locator('#new_password').inputValue(), '', 'no password is sent back');

    await page.locator('#current_password').fill(who.password);
    await page.locator('#new_password').fill(`${who.password} again`);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await arrives(one, '/account');
    await page.locator('.toast-item', { hasText: 'One other device was signed out' }).waitFor();
    await other.page.goto('/account');
    await arrives(other, '/login?next=%2Faccount');
    await signIn(other, who.username, `${who.password} again`);
    await arrives(other, '/account');
  } finally {
    await other.close();
  }
});

story('devices are listed and signed out from afar', { sizes: BOTH }, async (one) => {
  const { page } = one;
  const who = await newcomer(one);
  const others = [await visitor({ size: one.size }), await visitor({ size: one.size })];
  try {
    for (const other of others) {
      await other.page.goto('/login');
      await signIn(other, who.username, who.password);
      await arrives(other, '/account');
    }
    await page.goto('/account/sessions');
    assert.equal(await page.locator('.entry').count(), 3);
    assert.match(await page.locator('.entry').first().innerText(), /Chrome on Linux[\s\S]*This device/);
    await page.locator('.entry').nth(1).getByRole('button', { name: /^Sign out/ }).click();
    await page.locator('.toast-item', { hasText: 'is signed out' }).waitFor();
    assert.equal(await page.locator('.entry').count(), 2);
    await page.getByRole('button', { name: 'Sign out all other devices' }).click();
    await page.getByText('You are signed in on this device only.').waitFor();
    for (const other of others) {
      await other.page.goto('/account');
      await arrives(other, '/login?next=%2Faccount');
    }
  } finally {
    for (const other of others) await other.close();
  }
});
