// On phones: the buy button stays at hand while the form's own is out of view.
import { onPage } from './page.js';

let watch;

onPage(() => {
  watch?.disconnect();
  const bar = document.querySelector('[data-buy-bar]');
  const button = bar && document.getElementById(bar.dataset.buyBar);
  if (!button) {
    bar?.classList.remove('is-shown');
    return;
  }
  // Hidden while out of view: its button must not be reachable by keyboard then, which visibility sees to.
  watch = new IntersectionObserver(([entry]) => bar.classList.toggle('is-shown', !entry.isIntersecting));
  watch.observe(button);
});
