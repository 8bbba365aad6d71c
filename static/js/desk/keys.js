// Everything by keyboard. Single keys can be turned off: they get in the way of those who speak to their computer.
import { on } from '../page.js';
import { isOpen } from './completion.js';
import { keep, kept } from './parts.js';
import { step } from './tabs.js';

const help = () => document.getElementById('desk-help');
const lines = () => [...document.querySelectorAll('#desk-queue .desk-line-link')];
const isField = (element) => element.matches?.('input, textarea, select, [contenteditable]');

function walk(by) {
  const all = lines();
  const at = all.indexOf(document.activeElement);
  const from = at >= 0 ? at : all.findIndex((line) => line.hasAttribute('aria-current')) - (by < 0 ? 0 : 0);
  const next = all[Math.min(Math.max(from + by, 0), all.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

function reach(key) {
  const thing = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((one) => one.checkVisibility());
  if (!thing) return false;
  if (isField(thing)) {
    thing.focus();
  } else {
    thing.click();
    if (thing.matches('summary')) thing.parentElement.querySelector('select, input:not([type="hidden"]), button')?.focus();
  }
  return true;
}

function press(key) {
  if (key === 'j' || key === 'k') walk(key === 'j' ? 1 : -1);
  else if (key === '[' || key === ']') step(key === ']' ? 1 : -1);
  else if (key >= '1' && key <= '5') document.querySelectorAll('.desk-queue-link')[Number(key) - 1]?.click();
  else if (key === '?') help()?.showModal();
  else return reach(key);
  return true;
}

document.addEventListener('keydown', (event) => {
  const { target, key } = event;
  if (event.defaultPrevented || !document.getElementById('desk') || help()?.open) return;
  if (target.id === 'message' && key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229 && !isOpen()) {
    event.preventDefault();
    const asNote = event.ctrlKey || event.metaKey;
    target.form.requestSubmit(target.form.querySelector(asNote ? '#save-note' : '#send') ?? undefined);
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (key === 'Escape' && isField(target)) {
    target.blur();
    document.querySelector('#desk-queue [aria-current].desk-line-link')?.focus();
    return;
  }
  if (isField(target)) return;
  if ((key === 'ArrowDown' || key === 'ArrowUp') && target.closest?.('#desk-queue')) {
    event.preventDefault();
    walk(key === 'ArrowDown' ? 1 : -1);
    return;
  }
  if (kept('localStorage', 'keys', true) && press(key)) event.preventDefault();
});

on('click', '[data-desk="help"]', () => help().showModal());
on('click', '[data-desk="close-help"]', () => help().close());
on('click', '#desk-help', (dialog, { target }) => { if (target === dialog) dialog.close(); });
on('change', '[data-desk="keys"]', (box) => keep('localStorage', 'keys', box.checked));
const box = document.querySelector('[data-desk="keys"]');
if (box) box.checked = kept('localStorage', 'keys', true);
