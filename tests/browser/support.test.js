// The agents' desk: everything by keyboard, on both widths, and with a customer at the other end.
import assert from 'node:assert/strict';
import { arrives, story, visitor } from './support/browser.js';
import { axe, isWhole, overflow, smallTargets } from './support/looks.js';
import { signIn, unique } from './support/shop.js';

const BOTH = ['phone', 'desktop'];

/** The demo shop's agent, at the desk. */
async function atDesk(one, path = '/support') {
  await one.page.goto(`/login?next=${encodeURIComponent(path)}`);
  await signIn(one, 'agent', 'agent123');
  await one.page.waitForURL(/\/support/);
  await one.page.locator('#desk').waitFor();
  if (one.javaScript) await one.page.locator('link[href*="desk"]').waitFor({ state: 'attached' });
}

/** A visitor who asks something, by the form that needs no script. */
async function asks(text) {
  const customer = await visitor({ javaScript: false });
  await customer.page.goto('/chat');
  await customer.page.locator('textarea[name="message"]').fill(text);
  await customer.page.locator('main form:has(textarea) button[type="submit"]').first().click();
  await customer.page.getByText(text).first().waitFor();
  return customer;
}

/** Finds a conversation by what was said in it, and opens it. */
async function opens({ page, javaScript }, text) {
  await page.goto(`/support?search=${encodeURIComponent(text)}`);
  await page.locator('.desk-line-link').first().click();
  await page.locator('#desk-composer').waitFor();
  if (javaScript) await page.locator('#desk.shows-talk').waitFor();
}

story('the desk is whole, fits and is read by everybody', { sizes: BOTH }, async (one) => {
  const word = unique('parcel');
  const customer = await asks(`Where is my ${word}?`);
  try {
    await atDesk(one);
    await isWhole(one);
    assert.deepEqual(await axe(one), []);
    await opens(one, word);
    assert.deepEqual(await axe(one), []);
    assert.deepEqual(await smallTargets(one), []);
    assert.deepEqual(await overflow(one, one.page.viewportSize().width), []);
  } finally {
    await customer.close();
  }
});

/** Takes what is opened; whoever sits at the desk may have been given it already. */
async function takes(page) {
  const [take, mine] = [page.locator('#take'), page.getByText('You answer').first()];
  await take.or(mine).first().waitFor();
  if (await take.isVisible()) await take.click({ timeout: 3000 }).catch(() => {});
  await mine.waitFor();
}

async function answered(one) {
  const word = unique('teapot');
  const customer = await asks(`Is the ${word} blue?`);
  const { page } = one;
  try {
    await atDesk(one);
    await opens(one, word);
    await takes(page);
    await page.locator('#message').fill(`It is blue, ${word}`);
    await page.locator('#send').click();
    await page.locator('.chat-message.is-own', { hasText: `It is blue, ${word}` }).waitFor();
    await page.locator('#message').fill(`A note about ${word}`);
    await page.locator('#save-note').click();
    await page.locator('.desk-log-note', { hasText: `A note about ${word}` }).waitFor();
    await customer.page.goto('/chat');
    await customer.page.getByText(`It is blue, ${word}`).first().waitFor();
    assert.equal(await customer.page.getByText('A note about').count(), 0, 'notes are for colleagues');
    await page.locator('#status-resolved').click();
    await page.locator('#status-open').waitFor();
  } finally {
    await customer.close();
  }
}

story('an agent takes, answers, notes and resolves', { sizes: BOTH }, answered);
story('an agent does so without JavaScript too', { javaScript: false }, answered);

story('everything goes by keyboard', {}, async (one) => {
  const word = unique('lamp');
  const customer = await asks(`Does the ${word} shine?`);
  const { page } = one;
  try {
    await atDesk(one, `/support?search=${word}`);
    await page.locator('.desk-line-link').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.locator('#desk-composer').waitFor();
    await page.keyboard.press('t');
    await page.getByText('You answer').first().waitFor();
    await page.keyboard.press('r');
    await page.keyboard.type('/hel');
    await page.locator('#canned .desk-option').first().waitFor();
    await page.keyboard.press('Enter');
    assert.match(await page.locator('#message').inputValue(), /^Hello .+, this is .+\./);
    await page.keyboard.press('Enter');
    await page.locator('.chat-message.is-own').first().waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.locator('#desk-help[open]').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('e');
    await page.locator('#status-open').waitFor();
    await arrives(one, /^\/support/);
  } finally {
    await customer.close();
  }
});
