// Search while typing: a combobox as the ARIA Authoring Practices have it. The focus stays in the field; options are links.
import htmx from './htmx.js';
import { say } from './announce.js';
import { on, onPage } from './page.js';

const WAIT = 150;
const LEAST = 2;
let timer;
let asked;

const listOf = (field) => document.getElementById(field.dataset.list);
const optionsOf = (field) => [...listOf(field).querySelectorAll('[role="option"]')];
const markedOf = (field) => listOf(field).querySelector('[aria-selected="true"]');
const isOpen = (field) => !listOf(field).hidden;

function mark(field, option) {
  markedOf(field)?.setAttribute('aria-selected', 'false');
  if (!option) {
    field.removeAttribute('aria-activedescendant');
    return;
  }
  option.setAttribute('aria-selected', 'true');
  field.setAttribute('aria-activedescendant', option.id);
  option.scrollIntoView({ block: 'nearest' });
}

function show(field, isShown) {
  listOf(field).hidden = !isShown;
  field.setAttribute('aria-expanded', String(isShown));
  mark(field, null);
}

function close(field) {
  clearTimeout(timer);
  asked?.abort();
  show(field, false);
}

async function ask(field) {
  const text = field.value.trim();
  asked?.abort();
  if (text.length < LEAST) return close(field);
  const mine = new AbortController();
  asked = mine;
  let answer = '';
  try {
    const response = await fetch(`${field.dataset.combobox}?search=${encodeURIComponent(text)}`, { signal: mine.signal });
    if (response.ok) answer = await response.text();
  } catch {
    // Replaced by a newer one, or no connection: the form itself says so when it is sent.
  }
  // The last one asked wins, whichever comes last.
  if (mine !== asked || mine.signal.aborted || document.activeElement !== field) return;
  const list = listOf(field);
  list.innerHTML = answer;
  htmx.process(list);
  const count = optionsOf(field).length - 1;
  show(field, count >= 0);
  if (count >= 0) say(count === 1 ? '1 suggestion' : `${count || 'No'} suggestions`);
}

async function move(field, step) {
  if (!isOpen(field)) await ask(field);
  if (!isOpen(field)) return;
  // One place more than there are options: the field itself.
  const options = optionsOf(field);
  const places = options.length + 1;
  const next = (options.indexOf(markedOf(field)) + 1 + step + places) % places;
  mark(field, options[next - 1]);
}

const KEYS = {
  ArrowDown: (field) => move(field, 1),
  ArrowUp: (field) => move(field, -1),
  Enter: (field) => {
    const option = markedOf(field);
    option?.click();
    close(field);
    return Boolean(option);
  },
  Escape: (field) => {
    const toggle = document.querySelector('.search-toggle[open]');
    if (isOpen(field)) close(field);
    else if (!field.value && toggle) {
      toggle.open = false;
      toggle.querySelector('summary').focus();
    } else return false;
    return true;
  },
  Tab: (field) => { close(field); return false; },
};

on('keydown', '[data-combobox]', (field, event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey) return;
  const act = KEYS[event.key];
  if (act) {
    if (act(field) !== false) event.preventDefault();
  } else if (['Home', 'End', 'ArrowLeft', 'ArrowRight'].includes(event.key)) {
    // These belong to the text.
    mark(field, null);
  }
});
on('input', '[data-combobox]', (field) => {
  mark(field, null);
  clearTimeout(timer);
  timer = setTimeout(() => ask(field), WAIT);
});
on('focusout', '[data-combobox]', close);
on('submit', 'form[role="search"]', (form) => close(form.querySelector('[data-combobox]')));
// A press on an option must not take the focus first: the list would close under the pointer.
on('mousedown', '[role="listbox"]', (_, event) => event.preventDefault());
on('click', '[role="option"]', (option) => close(document.querySelector(`[data-list="${option.parentElement.id}"]`)));
// On phones the field appears below the button.
document.addEventListener('toggle', ({ target }) => {
  if (target.matches('.search-toggle[open]')) document.querySelector('[data-combobox]').focus();
}, true);

// Without this script it is a plain field, and says so.
onPage((page) => {
  for (const field of page.querySelectorAll('[data-combobox]:not([role])')) {
    field.setAttribute('role', 'combobox');
    field.setAttribute('aria-autocomplete', 'list');
    field.setAttribute('aria-expanded', 'false');
    field.setAttribute('aria-controls', field.dataset.list);
  }
});
