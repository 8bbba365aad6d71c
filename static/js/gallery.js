// Pictures of a product: thumbnails move the row, a click shows the large one.
import { on, onPage } from './page.js';

on('click', '.gallery-thumbs a', (link, event) => {
  const picture = document.querySelector(link.hash);
  if (!picture) return;
  event.preventDefault();
  picture.parentElement.scrollTo({ left: picture.offsetLeft - picture.parentElement.offsetLeft, behavior: 'smooth' });
});

on('click', '[data-zoom]', (link, event) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const dialog = document.createElement('dialog');
  dialog.className = 'zoom';
  const image = document.createElement('img');
  image.src = link.href;
  image.alt = link.querySelector('img')?.alt ?? '';
  const close = document.createElement('button');
  close.type = 'button';
  close.className = 'zoom-close';
  close.setAttribute('aria-label', 'Close');
  close.textContent = '✕';
  dialog.append(image, close);
  dialog.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => {
    dialog.remove();
    link.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
});

// The thumbnail of the picture in view is marked.
const marked = new WeakSet();
onPage(() => {
  for (const row of document.querySelectorAll('.gallery-main')) {
    if (marked.has(row)) continue;
    marked.add(row);
    const watch = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const thumb = document.querySelector(`.gallery-thumbs a[href="#${target.id}"]`);
        if (isIntersecting) thumb?.setAttribute('aria-current', 'true');
        else thumb?.removeAttribute('aria-current');
      }
    }, { root: row, threshold: 0.6 });
    for (const item of row.children) watch.observe(item);
  }
});
