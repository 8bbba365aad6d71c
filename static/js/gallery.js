// Pictures of a product: thumbnails move the row, a click shows the large one, where the arrows lead on to the others.
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
  const links = [...link.closest('ul').querySelectorAll('[data-zoom]')];
  let place = links.indexOf(link);
  const dialog = document.createElement('dialog');
  dialog.className = 'zoom';
  const image = document.createElement('img');
  const button = (className, label, text, act) => {
    const made = document.createElement('button');
    made.type = 'button';
    made.className = className;
    made.setAttribute('aria-label', label);
    made.textContent = text;
    made.addEventListener('click', act);
    dialog.append(made);
    return made;
  };
  const show = (next) => {
    place = (next + links.length) % links.length;
    image.src = links[place].href;
    image.alt = links[place].querySelector('img')?.alt ?? '';
    dialog.setAttribute('aria-label', links.length > 1 ? `Picture ${place + 1} of ${links.length}` : 'Picture');
  };
  dialog.append(image);
  const close = button('zoom-close', 'Close', '✕', () => dialog.close());
  if (links.length > 1) {
    button('zoom-step is-back', 'Previous picture', '‹', () => show(place - 1));
    button('zoom-step', 'Next picture', '›', () => show(place + 1));
    dialog.addEventListener('keydown', ({ key }) => {
      if (key === 'ArrowLeft') show(place - 1);
      if (key === 'ArrowRight') show(place + 1);
    });
  }
  image.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => {
    dialog.remove();
    // The row stands where the dialog ended.
    const { parentElement: item } = links[place];
    item.parentElement.scrollTo({ left: item.offsetLeft - item.parentElement.offsetLeft, behavior: 'instant' });
    links[place].focus({ preventScroll: true });
  });
  show(place);
  document.body.append(dialog);
  dialog.showModal();
  close.focus();
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
