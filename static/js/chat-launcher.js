// The button to the chat, on every page. What makes a conversation live comes when it is opened, or when one is open already.
import htmx from './htmx.js';
import { say } from './announce.js';
import { on, onPage } from './page.js';

const launcher = () => document.querySelector('[data-chat-launcher]');
const panel = () => document.getElementById('chat-panel');
let fetched;

function style(href) {
  if (!href) return Promise.resolve();
  const known = [...document.styleSheets].some((sheet) => sheet.href?.endsWith(href)) || document.querySelector(`link[href="${CSS.escape(href)}"]`);
  if (known) return Promise.resolve();
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = href;
  document.head.append(link);
  return new Promise((done) => { link.onload = link.onerror = done; });
}

function script(src) {
  if (!src) return;
  if ([...document.scripts].some((one) => one.getAttribute('src') === src)) {
    document.dispatchEvent(new CustomEvent('chat:mount'));
    return;
  }
  const made = document.createElement('script');
  made.src = src;
  document.head.append(made);
}

/** Fetches the conversation into the panel, once; again when it is about something. */
async function fill(query) {
  const { css: sheet, script: source } = launcher().dataset;
  const body = launcher().querySelector('[data-chat-body]');
  if (query || !fetched) {
    fetched = true;
    const sheets = style(sheet);
    try {
      const answer = await fetch(`/chat/widget${query}`, { headers: { 'HX-Request': 'true' } });
      const text = await answer.text();
      if (!answer.ok || !/id="chat"/.test(text)) throw new Error(String(answer.status));
      await sheets;
      htmx.swap(body, text, { swapStyle: 'innerHTML' });
    } catch {
      fetched = false;
      return false;
    }
  }
  await script(source);
  return true;
}

async function open(opener) {
  const query = opener?.search ?? '';
  launcher().hidden = false;
  if (!await fill(query)) {
    // Its own page says what is wrong, or works.
    location.assign(opener?.href ?? '/chat');
    return;
  }
  // Another page may have come meanwhile.
  if (!panel()) return;
  panel().hidden = false;
  launcher().classList.add('is-open');
  launcher().querySelector('.chat-button').setAttribute('aria-expanded', 'true');
  document.dispatchEvent(new CustomEvent('chat:shown'));
  (panel().querySelector('textarea') ?? panel().querySelector('button')).focus();
}

function close() {
  if (!panel() || panel().hidden) return;
  panel().hidden = true;
  launcher().classList.remove('is-open');
  const button = launcher().querySelector('.chat-button');
  button.setAttribute('aria-expanded', 'false');
  button.focus();
}

// In the capture phase: htmx makes a visit of every click on a link that it sees, prevented or not.
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('[data-chat-open]');
  if (!link || !launcher() || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  if (link.closest('[data-chat-launcher]') && !panel().hidden) close();
  else open(link);
}, true);
on('click', '[data-chat-close]', close);
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && panel()?.contains(document.activeElement)) close();
});

document.addEventListener('chat:unread', ({ detail: { count } }) => {
  const badge = launcher()?.querySelector('[data-chat-count]');
  if (!badge) return;
  if (count > Number(badge.textContent) && panel().hidden) say(`${count} new in the chat`);
  badge.textContent = count;
  badge.hidden = count === 0;
});
// It was resolved, or has ended: the server says what can be done now.
document.addEventListener('chat:stale', ({ detail: { root } }) => {
  htmx.ajax('GET', `/chat/widget?conversation=${root.dataset.token}`, { target: root, swap: 'outerHTML' });
});

onPage(async () => {
  // A visit to the chat's own page without a full load has neither its style nor its script.
  const page = document.querySelector('main [data-chat]');
  if (page) {
    await style(page.dataset.css);
    script(page.dataset.script);
  }
  const root = launcher();
  if (!root || root.dataset.ready) return;
  root.dataset.ready = '';
  await style(root.dataset.launcherCss);
  root.hidden = false;
  try {
    if (localStorage.getItem('chat.open')) await fill('');
  } catch {
    // storage is blocked
  }
});
