// People who answer: accounts of their own, with the right to, at the desk.
import { arrives, visitor } from './browser.js';
import { person, register, signIn } from './shop.js';

/** Gives `username` the right to answer customers, as the demo shop's administrator does. */
async function makeAgent(username) {
  const admin = await visitor();
  try {
    const { page } = admin;
    await page.goto('/login?next=/admin/people');
    await signIn(admin, 'admin', 'admin123');
    await arrives(admin, '/admin/people');
    await page.goto(`/admin/people?search=${encodeURIComponent(username)}`);
    await page.locator('.admin-row a').first().click();
    await arrives(admin, /^\/admin\/people\/\d+$/);
    await page.locator('#agent').check();
    await page.getByRole('button', { name: 'Check the change' }).click();
    await page.getByRole('button', { name: 'Change the roles' }).click();
    await page.locator('.toast-item.is-good').waitFor();
  } finally {
    await admin.close();
  }
}

/** A new agent called `name`, at the desk in a browser of their own: a visitor with `name` and `page`. */
export async function newAgent(name, size) {
  const one = await visitor({ size });
  try {
    const who = person(name);
    await one.page.goto('/register');
    await register(one, who);
    await arrives(one, '/account');
    await makeAgent(who.username);
    await one.page.goto('/support');
    await one.page.locator('#desk').waitFor();
    return Object.assign(one, { name });
  } catch (error) {
    await one.close();
    throw error;
  }
}

/** How many wait for an answer, by what the desk says. */
export async function waiting({ page }) {
  return Number.parseInt(await page.locator('#queue-waiting .desk-count').innerText(), 10);
}

/** Opens the conversation with `customer` from the agent's own queue, where it appears by itself. */
export async function openMine({ page, size }, customer) {
  const line = page.locator('.desk-line-link', { hasText: customer });
  if (await page.locator('#queue-mine[aria-current]').count() === 0) {
    if (size === 'phone' && await page.locator('.desk-back').first().isVisible()) await page.locator('.desk-back').first().click();
    await page.locator('#queue-mine').click();
    await page.locator('#queue-mine[aria-current]').waitFor();
  }
  await line.click({ timeout: 45_000 });
  await page.locator('#desk.shows-talk').waitFor();
  await page.locator('.desk-facts', { hasText: 'You answer' }).waitFor();
}

/** Says something at the desk, and waits until the log has it. */
export async function answer({ page }, text) {
  await page.locator('#message').fill(text);
  await page.locator('#send').click();
  await page.locator('[data-desk-log] .chat-message.is-own', { hasText: text }).waitFor();
}

