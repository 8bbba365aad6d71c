// What goes wrong on the way, in one place on top, with a way to try again.
import { on } from './page.js';

let again;

function button(label, attribute) {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'btn btn-outline';
  made.textContent = label;
  made.setAttribute(attribute, '');
  return made;
}

function show(message, retry) {
  const region = document.getElementById('errors');
  if (!region) return;
  const notice = document.createElement('div');
  notice.className = 'notice is-bad';
  const text = document.createElement('div');
  text.textContent = message;
  notice.append(text);
  again = retry;
  if (retry) notice.append(button('Try again', 'data-retry'));
  notice.append(button('Close', 'data-close-error'));
  region.replaceChildren(notice);
}

const close = () => document.getElementById('errors')?.replaceChildren();

function retryOf(element) {
  if (element instanceof HTMLFormElement) return () => element.requestSubmit();
  if (element instanceof HTMLElement && element.isConnected) return () => element.click();
  return null;
}

for (const [type, message] of [
  ['htmx:sendError', 'The shop cannot be reached. Please check your connection.'],
  ['htmx:timeout', 'That took too long. Please try again.'],
]) {
  document.addEventListener(type, (event) => show(message, retryOf(event.detail.elt)));
}

// A whole error page in answer to a part of a page: its heading and first sentence are enough.
document.addEventListener('htmx:beforeSwap', ({ detail }) => {
  if (detail.boosted || detail.xhr.status < 400 || !/<html/i.test(detail.xhr.responseText)) return;
  const page = new DOMParser().parseFromString(detail.xhr.responseText, 'text/html');
  const parts = [page.querySelector('h1'), page.querySelector('h1 ~ p')].map((part) => part?.textContent.trim()).filter(Boolean);
  detail.shouldSwap = false;
  show(parts.join('. ') || 'Something went wrong. Please try again.', retryOf(detail.elt));
});
document.addEventListener('htmx:beforeRequest', close);
on('click', '[data-close-error]', close);
on('click', '[data-retry]', () => {
  const retry = again;
  close();
  retry?.();
});
