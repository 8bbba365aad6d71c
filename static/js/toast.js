// Messages go by themselves after a while, unless they offer something to do or are being read.
import { on, onPage } from './page.js';

const STAYS = 7000;
const seen = new WeakSet();

function leave(toast) {
  if (!toast.isConnected) return;
  if (toast.matches(':hover, :focus-within')) setTimeout(leave, 2000, toast);
  else toast.remove();
}

onPage(() => {
  for (const toast of document.querySelectorAll('[data-toast]')) {
    if (seen.has(toast)) continue;
    seen.add(toast);
    const offers = toast.querySelector('form') !== null;
    if (!offers) setTimeout(leave, STAYS, toast);
  }
});
on('click', '[data-dismiss]', (button) => button.closest('[data-toast]')?.remove());
