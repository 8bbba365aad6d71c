// The filters of a list: on phones a sheet that stays open while they change; the focus stays where it was.
import { on } from './page.js';

const sheet = () => document.getElementById('sheet');
const filters = () => document.querySelector('#list .filters');

/** Moves the filters of the list into the sheet. */
function fill() {
  const holder = sheet().querySelector('[data-sheet]');
  if (filters()) holder.replaceChildren(filters());
}

on('click', '[data-open-sheet]', (_, event) => {
  event.preventDefault();
  fill();
  sheet().showModal();
});
on('click', '[data-close-sheet]', (_, event) => {
  if (!sheet()?.open) {
    // Shown in the page, for the sake of a problem in them: the link leads to the list, and they are put away.
    document.getElementById('filters')?.classList.remove('is-shown');
    return;
  }
  event.preventDefault();
  sheet().close();
});
on('click', '#sheet', (dialog, { target }) => { if (target === dialog) dialog.close(); });
document.addEventListener('close', ({ target }) => {
  if (target.id !== 'sheet') return;
  document.querySelector('.list-layout')?.prepend(...target.querySelector('[data-sheet]').children);
  document.querySelector('[data-open-sheet]')?.focus({ preventScroll: true });
}, true);

// Not before it has settled: what is moved earlier is never made live by htmx.
document.addEventListener('htmx:afterSettle', ({ target }) => {
  if (target.id !== 'list') return;
  if (!sheet()?.open) {
    // What had the focus is gone (a filter taken off, a page's number): the list begins at its heading.
    if (document.activeElement === document.body) {
      const heading = document.querySelector('#list h1');
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    }
    return;
  }
  const body = () => sheet().querySelector('.sheet-body');
  const { scrollTop } = body();
  const { id } = document.activeElement;
  fill();
  body().scrollTop = scrollTop;
  document.getElementById(id)?.focus({ preventScroll: true });
});
