// The customer's side of the chat: by the launcher, on its page, after a reload, and without JavaScript.
import assert from 'node:assert/strict';
import { arrives, story } from './support/browser.js';
import { product, unique } from './support/shop.js';

const BOTH = ['phone', 'desktop'];

async function asked(one) {
  const { page } = one;
  const { slug, name } = await product(one);
  const text = `Is it safe? ${unique()} https://shop.example/a.`;
  await page.goto(`/products/${slug}`);
  await page.getByRole('link', { name: 'Ask about this product' }).click();
  const panel = page.locator('#chat-panel');
  await panel.locator('textarea').waitFor();
  assert.ok((await panel.locator('.chat-about').innerText()).includes(name), 'it is about the product');
  await panel.locator('textarea').fill(text);
  await panel.getByRole('button', { name: 'Start the conversation' }).click();
  await panel.locator('.chat-message.is-own .chat-card').waitFor();
  assert.equal(await panel.locator('.chat-text a').getAttribute('href'), 'https://shop.example/a');
  // By the socket, whichever way it gets through: each once, in their order.
  const words = [unique(), unique(), unique()];
  for (const word of words) {
    await panel.locator('textarea').fill(word);
    await page.keyboard.press('Enter');
  }
  await page.waitForFunction((count) => document.querySelectorAll('#chat .chat-log [data-id]:not(.is-unsent).is-own').length === count, 4);
  await page.reload();
  await page.locator('.chat-button').click();
  const own = panel.locator('.chat-message.is-own .chat-text');
  await own.nth(3).waitFor();
  assert.deepEqual((await own.allInnerTexts()).slice(1), words);
}

story('someone asks about a product in the launcher', { sizes: BOTH }, asked);

async function kept(one) {
  const { page } = one;
  let isCut = true;
  await page.routeWebSocket(/socket\.io/, (socket) => { if (isCut) socket.close(); else socket.connectToServer(); });
  await page.route('**/socket.io/**', (route) => (isCut ? route.fulfill({ status: 503, body: '' }) : route.continue()));
  one.expects(503, '/socket.io/');
  await page.goto('/chat');
  await page.locator('#chat-message').fill('hello');
  await page.getByRole('button', { name: 'Start the conversation' }).click();
  await page.locator('.chat-message.is-own').waitFor();
  await page.waitForFunction(() => document.querySelector('.chat.is-live'));
  const word = unique();
  await page.locator('#chat-message').fill(word);
  await page.keyboard.press('Enter');
  await page.locator('.is-unsent').waitFor();
  await page.reload();
  await page.locator('.is-unsent').waitFor();
  isCut = false;
  await page.waitForFunction((text) => [...document.querySelectorAll('[data-chat-log] .chat-text')].some((part) => part.textContent === text), word);
  assert.equal(await page.locator('.is-unsent').count(), 0);
}

story('what is written without a connection is sent when it is back, also after a reload', {}, kept);

async function plain(one) {
  const { page } = one;
  one.expects(422, '/chat');
  await page.goto('/');
  await page.locator('footer a[href="/chat"]').click();
  await arrives(one, '/chat');
  await page.locator('#chat-name').fill('Support');
  await page.locator('#chat-message').fill('Where is my mug?');
  await page.getByRole('button', { name: 'Start the conversation' }).click();
  await page.locator('#chat-name-error').waitFor();
  assert.equal(await page.locator('#chat-message').inputValue(), 'Where is my mug?');
  await page.locator('#chat-name').fill('Zoë');
  await page.getByRole('button', { name: 'Start the conversation' }).click();
  await page.locator('.chat-message.is-own').waitFor();
  await page.locator('.chat-more summary').click();
  await page.getByRole('button', { name: 'End the conversation' }).click();
  await page.locator('label[for="chat-star-4"]').click();
  await page.getByRole('button', { name: 'Send rating' }).click();
  assert.ok((await page.locator('.chat-over').innerText()).includes('4 of 5'));
}

story('someone asks, ends and rates without JavaScript', { javaScript: false, sizes: BOTH }, plain);
