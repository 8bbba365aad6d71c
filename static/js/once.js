// A form that must not be sent twice: the second submit is dropped, the button says that it works.
import { on } from './page.js';

const running = new Set();
const labels = new Map();

function lock(form, submitter) {
  const button = submitter ?? form.querySelector('[type="submit"]');
  running.add(form);
  form.setAttribute('aria-busy', 'true');
  // Not `disabled`: that would take the focus away, and the button's own value out of the form.
  setTimeout(() => {
    if (!running.has(form) || !button) return;
    button.setAttribute('aria-busy', 'true');
    button.setAttribute('aria-disabled', 'true');
    labels.set(button, [...button.childNodes]);
    if (button.dataset.working) button.replaceChildren(button.dataset.working);
  });
}

function unlock(form) {
  running.delete(form);
  form.removeAttribute('aria-busy');
  for (const [button, label] of labels) {
    if (button.form !== form && button.isConnected) continue;
    labels.delete(button);
    button.removeAttribute('aria-busy');
    button.removeAttribute('aria-disabled');
    button.replaceChildren(...label);
  }
}

// In the capture phase: htmx and the browser must not see the second one.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches('[data-once]')) return;
  if (running.has(form)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  lock(form, event.submitter);
}, true);

for (const end of ['htmx:afterRequest', 'htmx:validation:halted']) {
  on(end, 'form[data-once]', unlock);
}
// Back from the browser's memory: what was sent is long answered.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) [...running].forEach(unlock);
});
