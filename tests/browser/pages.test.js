// Every page of the shop, looked at: the policy, the console, axe in light and dark, nothing cut off, one heading, one server.
// SHOTS=1 leaves pictures of all of them in results/.
import assert from 'node:assert/strict';
import { story, screenshot, WIDTHS } from './support/browser.js';
import { axe, brokenPictures, isStill, isWhole, overflow, smallTargets } from './support/looks.js';
import {
  DECLINED_CARD, buySomething, cancel, confirmedOrder, fillCheckout, haveInCart, openProduct, addToCart, pay, person, products, register,
} from './support/shop.js';

const BOTH = ['phone', 'desktop'];

/** Looks at the page that is open, in both schemes. */
async function look(one, name) {
  const { page, size } = one;
  const width = WIDTHS[size].width;
  await page.locator('h1').first().waitFor();
  await isStill(one);
  await isWhole(one);
  assert.deepEqual(await brokenPictures(one), [], 'every picture is there');
  for (const narrow of size === 'phone' ? [360, width] : [768, 992, width]) {
    assert.deepEqual(await overflow(one, narrow), [], `nothing reaches out at ${narrow} px`);
  }
  if (size === 'phone') assert.deepEqual(await smallTargets(one), [], 'every control is large enough');
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await isStill(one);
    if (process.env.SHOTS) await screenshot(one, `${name}-${colorScheme}`);
    assert.deepEqual(await axe(one), [], `axe finds nothing in ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** One visitor's way over pages; each is a test of its own within the story. */
async function visit(one, t, stops) {
  for (const [name, go] of stops) {
    await t.test(name, async () => {
      await go(one);
      await look(one, name);
      assert.deepEqual(one.troubles.splice(0), [], 'no violation, no error in the console, no failed request');
    });
  }
}

const at = (path) => ({ page }) => page.goto(path);

story('pages to look around', { sizes: BOTH }, async (one, t) => {
  const { page } = one;
  one.expects(404, '/there-is-nothing-here');
  one.expects(422, '/contact');
  await visit(one, t, [
    ['home', at('/')],
    ['products', at('/products')],
    ['products-last-page', async () => {
      await page.goto('/products');
      const last = page.locator('.pages .page-number').last();
      if (await last.count() > 0) await page.goto(await last.getAttribute('href') ?? '/products');
    }],
    ['products-beyond', at('/products?page=900')],
    ['products-search', at('/products?search=mug')],
    ['products-filtered', at('/products?category=kitchen&min_price=10&max_price=200&in_stock=1&sort=price_asc')],
    ['products-bad-price', at('/products?min_price=cheap&max_price=-1')],
    ['products-nothing', at('/products?search=xyzzyplugh&in_stock=1')],
    ['products-long-search', at(`/products?search=${'Wolfeschlegelsteinhausenbergerdorff'.repeat(6)}`)],
    ['products-sheet', async () => {
      await page.goto('/products');
      if (await page.locator('#open-filters').isVisible()) await page.locator('#open-filters').click();
    }],
    ['suggestions', async () => {
      await page.goto('/cart');
      if (await page.locator('.search-toggle summary').isVisible()) await page.locator('.search-toggle summary').click();
      await page.locator('#site-search').pressSequentially((await products(one))[0].name.slice(0, 3));
      await page.locator('#suggestions').waitFor();
    }],
    ['category', async () => page.goto(await (await page.goto('/'), page.locator('.tiles .tile').first()).getAttribute('href'))],
    ['product', async () => openProduct(one, (await products(one))[0])],
    ['product-sold-out', async () => {
      for (const { slug } of await products(one)) {
        await page.goto(`/products/${slug}`);
        if (await page.locator('.option.is-out').count() === 0) continue;
        await page.locator('.option.is-out').first().click();
        await page.locator('#buy-button:disabled').waitFor();
        return;
      }
    }],
    ['product-alert-problem', async () => {
      one.expects(422, '/products/');
      await page.locator('#stock-alert #email').fill('ada at example');
      await page.locator('#stock-alert button').click();
      await page.locator('#email-error').waitFor();
    }],
    ['product-alert-noted', async () => {
      await page.locator('#stock-alert #email').fill('ada@example.com');
      await page.locator('#stock-alert button').click();
      await page.locator('#stock-alert .notice').waitFor();
    }],
    ['product-zoomed', async () => {
      await openProduct(one, (await products(one))[0]);
      await page.locator('[data-zoom]').first().click();
      await page.locator('dialog.zoom img').waitFor();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Escape');
      await page.locator('dialog.zoom').waitFor({ state: 'detached' });
    }],
    ['recently-viewed', async () => {
      await page.locator('#recently-viewed .product-card').first().waitFor();
      await page.locator('#recently-viewed').scrollIntoViewIfNeeded();
    }],
    ['404', at('/there-is-nothing-here')],
    ['help', at('/help')],
    ['shipping', at('/shipping')],
    ['returns', at('/returns')],
    ['privacy', at('/privacy')],
    ['terms', at('/terms')],
    ['about', at('/about')],
    ['contact', at('/contact')],
    ['contact-problems', async () => {
      await page.goto('/contact');
      await page.locator('main form button[type="submit"]').click();
      await page.locator('#error-summary').waitFor();
    }],
    ['contact-thanks', at('/contact/thanks?message=7K2M-Q9XT-04HB')],
    ['call-back', at('/contact/call-back')],
    ['call-back-problems', async () => {
      await page.goto('/contact/call-back');
      await page.locator('main form button[type="submit"]').click();
      await page.locator('#error-summary').waitFor();
    }],
    ['call-back-thanks', at('/contact/thanks?call=7K2M-Q9XT-04HB&at=1795446000')],
    ['wishlist-empty', at('/wishlist')],
    ['products-wished', async () => {
      await page.goto('/products');
      for (let place = 0; place < 5; place += 1) {
        await page.locator('.product-card .heart-button').nth(place).click();
        await page.locator(`#wish-count:text-matches("^${place + 1}")`).waitFor();
      }
    }],
    ['wishlist', at('/wishlist')],
    ['wishlist-link', async () => {
      await page.getByRole('button', { name: 'Create a link' }).click();
      await page.locator('#share-link').waitFor();
    }],
    ['wishlist-shared', async () => page.goto(new URL(await page.locator('#share-link').inputValue()).pathname)],
  ]);
});

story('pages on the way of a guest', { sizes: BOTH }, async (one, t) => {
  const { page } = one;
  one.expects(422, '/checkout');
  one.expects(402, '/checkout');
  const order = {};
  await visit(one, t, [
    ['cart-empty', at('/cart')],
    ['orders-empty', at('/orders')],
    ['product-added', () => haveInCart(one, 2)],
    ['cart', async () => {
      for (const more of (await products(one)).slice(0, 2)) {
        await openProduct(one, more);
        await addToCart(one, 1);
      }
      await page.goto('/cart');
    }],
    ['cart-removed', async () => {
      await page.locator('.cart-line').first().getByRole('button', { name: /remove/i }).click();
      await page.getByRole('button', { name: 'Undo' }).waitFor();
    }],
    ['cart-saved', async () => {
      await page.locator('.cart-line').first().getByRole('button', { name: /^save for later/i }).click();
      await page.locator('.saved-lines').waitFor();
    }],
    ['checkout', at('/checkout')],
    ['checkout-problems', async () => {
      await fillCheckout(one, { email: 'ada at example', address: { postal_code: '', city: '' }, card: '1234' });
      await pay(one);
      await page.locator('#error-summary').waitFor();
    }],
    ['checkout-declined', async () => {
      await fillCheckout(one, { card: DECLINED_CARD });
      await pay(one);
      await page.locator('#checkout-notice').getByText(/declined/i).waitFor();
    }],
    ['confirmation', async () => Object.assign(order, await buySomething(one, 2))],
    ['order', async () => page.goto(`/orders/${order.number}`)],
    ['order-cancelled', () => cancel(one)],
    ['orders', at('/orders')],
    ['order-long-names', async () => {
      await haveInCart(one, 1);
      await page.goto('/checkout');
      await fillCheckout(one, {
        email: `${'a'.repeat(60)}@${'b'.repeat(60)}.example.com`,
        address: {
          name: `Wolfeschlegelsteinhausenbergerdorff ${'x'.repeat(80)}`, line1: 'y'.repeat(110), line2: 'שלום, שדרות ירושלים 12', postal_code: 'SW1A 1AA',
          city: 'Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch', region: 'z'.repeat(70), country: '<b>Wales & "more"</b>',
        },
      });
      await pay(one);
      order.number = await confirmedOrder(one);
      await page.goto(`/orders/${order.number}`);
      assert.ok((await page.locator('address').innerText()).includes('<b>Wales & "more"</b>'), 'what was typed is text');
    }],
    ['checkout-without-a-cart', at('/checkout')],
  ]);
});

story('pages of an account', { sizes: BOTH }, async (one, t) => {
  const { page } = one;
  one.expects(422, '/register');
  one.expects(422, '/login');
  one.expects(401, '/login');
  await visit(one, t, [
    ['login', at('/login')],
    ['login-wrong', async () => {
      await page.locator('#login').fill('nobody');
      await page.locator('#password').fill('not the password');
      await page.locator('main form button[type="submit"]').click();
      await page.locator('main .notice').waitFor();
    }],
    ['register', at('/register')],
    ['register-problems', async () => {
      await register(one, { username: 'a', email: 'a', name: '', password: 'short' });
      await page.locator('#error-summary').waitFor();
    }],
    ['account', async () => {
      await page.goto('/register');
      await register(one, person('Ada Augusta King, Countess of Lovelace and of the Analytical Engine'));
      await page.locator('.menu-account').waitFor();
      await page.goto('/account');
    }],
    ['account-password', at('/account/password')],
    ['account-password-problems', async () => {
      one.expects(422, '/account/password');
      await page.goto('/account/password');
      await page.locator('#current_password').fill('not the password');
      await page.locator('main form button[type="submit"]').click();
      await page.locator('#error-summary').waitFor();
    }],
    ['account-devices', at('/account/sessions')],
    ['account-addresses-empty', at('/account/addresses')],
    ['account-address-problems', async () => {
      one.expects(422, '/account/addresses');
      await page.goto('/account/addresses/new');
      await page.locator('main form button[type="submit"]').click();
      await page.locator('#error-summary').waitFor();
    }],
    ['account-addresses', async () => {
      const long = { name: `Wolfeschlegelsteinhausenbergerdorff ${'x'.repeat(80)}`, line1: 'y'.repeat(110), postal_code: 'SW1A 1AA', city: 'Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch', country: 'Wales' };
      const short = { name: 'Ada Lovelace', line1: '12 Long Lane', postal_code: '10115', city: 'Berlin', country: 'Germany', phone: '+49 30 123456' };
      for (const address of [short, long, { ...short, line1: '13 Long Lane' }, { ...short, line1: '14 Long Lane' }]) {
        await page.goto('/account/addresses/new');
        for (const [field, value] of Object.entries(address)) await page.locator(`#${field}`).fill(value);
        await page.locator('main form button[type="submit"]').click();
        await page.locator('.entry', { hasText: address.line1 }).waitFor();
      }
    }],
    ['account-address-edit', async () => page.goto(await page.locator('.entry a').nth(1).getAttribute('href'))],
    ['account-with-address', at('/account')],
    ['account-orders-empty', at('/orders')],
    ['account-checkout', async () => {
      await haveInCart(one, 1);
      await page.goto('/checkout');
    }],
    ['account-menu', async () => {
      await page.goto('/');
      await page.locator('.menu-account summary').click();
      await page.locator('.menu-account .menu-panel').waitFor({ state: 'visible' });
    }],
  ]);
});
