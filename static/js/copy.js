// The link to a wishlist: a button copies it, and the focus goes to it once it was made.
import { say } from './announce.js';
import { on } from './page.js';

const STAYS = 2000;
const labels = new WeakMap();

on('click', '[data-copy]', async (button) => {
  const field = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    // Not allowed, or no secure connection: chosen, so that it is copied by hand.
    field.select();
    return;
  }
  say('Copied');
  if (!labels.has(button)) labels.set(button, button.textContent);
  button.textContent = 'Copied';
  setTimeout(() => { button.textContent = labels.get(button); }, STAYS);
});

document.addEventListener('htmx:afterSettle', ({ target, detail }) => {
  if (target.id === 'wishlist' && detail.pathInfo?.requestPath === '/wishlist/sharing') document.getElementById('share-link')?.focus();
});
