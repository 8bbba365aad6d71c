// Saved answers: typed as "/shortcut" they are proposed, and chosen from their menu they go where the cursor is.
import { on } from '../page.js';
import { element } from '../chat/text.js';

const TYPED = /(^|\s)\/([a-z0-9-]*)$/i;
const field = () => document.getElementById('message');
const box = () => document.getElementById('canned');
const answers = () => [...document.querySelectorAll('[data-desk-canned] a')].map(({ dataset }) => dataset);
const options = () => [...box()?.querySelectorAll('.desk-option') ?? []];

/** Whether proposals are open. */
export const isOpen = () => box()?.hidden === false;

function close() {
  if (!box()) return;
  box().hidden = true;
  field().removeAttribute('aria-activedescendant');
  field().removeAttribute('aria-controls');
}

function choose(option) {
  for (const one of options()) one.setAttribute('aria-selected', String(one === option));
  field().setAttribute('aria-activedescendant', option.id);
  option.scrollIntoView({ block: 'nearest' });
}

// As typing does it, so that it can be undone and the draft is kept.
function insert(text, from) {
  const area = field();
  area.focus();
  area.setSelectionRange(from, area.selectionEnd);
  area.setRangeText(text, from, area.selectionEnd, 'end');
  area.dispatchEvent(new InputEvent('input', { bubbles: true }));
  close();
}

function propose() {
  const area = field();
  const found = area.value.slice(0, area.selectionEnd).match(TYPED);
  const typed = found?.[2].toLowerCase();
  const fitting = found ? answers().filter(({ shortcut, title }) => shortcut.startsWith(typed) || (typed && title.toLowerCase().includes(typed))) : [];
  if (fitting.length === 0) {
    close();
    return;
  }
  box().replaceChildren(...fitting.slice(0, 8).map((answer, place) => {
    const option = element('div', 'desk-option', element('strong', '', `/${answer.shortcut}`), ` ${answer.title}`);
    Object.assign(option, { id: `canned-${place}`, role: 'option' });
    option.setAttribute('role', 'option');
    option.dataset.shortcut = answer.shortcut;
    return option;
  }));
  box().hidden = false;
  area.setAttribute('aria-controls', 'canned');
  choose(options()[0]);
}

function take(option) {
  const answer = answers().find(({ shortcut }) => shortcut === option.dataset.shortcut);
  const before = field().value.slice(0, field().selectionEnd);
  insert(answer.text, before.lastIndexOf('/'));
}

on('input', '#message', (area, event) => { if (event.isTrusted) propose(); });
on('keydown', '#message', (area, event) => {
  if (!isOpen()) return;
  const all = options();
  const place = all.findIndex((option) => option.getAttribute('aria-selected') === 'true');
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') choose(all.at((place + (event.key === 'ArrowDown' ? 1 : -1)) % all.length));
  else if (event.key === 'Enter' || event.key === 'Tab') take(all[place]);
  else if (event.key === 'Escape') close();
  else return;
  event.preventDefault();
  event.stopPropagation();
});
// Not click: the field would lose the focus, and with it its cursor.
on('mousedown', '#canned .desk-option', (option, event) => {
  event.preventDefault();
  take(option);
});
on('click', '[data-desk-canned] a', (link, event) => {
  event.preventDefault();
  link.closest('details').open = false;
  insert(link.dataset.text, field().selectionEnd);
});
document.addEventListener('focusout', ({ target }) => { if (target.id === 'message') close(); });
