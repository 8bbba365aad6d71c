// Several conversations at once: those that were opened stay as tabs, on this tab of the browser, until they are closed.
import { on } from '../page.js';
import { element } from '../chat/text.js';
import { keep, kept, linkTo } from './parts.js';

const MOST = 8;
let tabs = kept('sessionStorage', 'open', []).filter(({ token, name }) => token && name);
const fresh = new Set();

const store = () => keep('sessionStorage', 'open', tabs);

/** Tokens of the open conversations. */
export const openTokens = () => tabs.map(({ token }) => token);

/** Notes that a conversation is open and looked at; gives back the token that had to make room. */
export function opened(token, name) {
  fresh.delete(token);
  const known = tabs.find((tab) => tab.token === token);
  if (known) known.name = name;
  else tabs.push({ token, name });
  const dropped = tabs.length > MOST ? tabs.splice(0, 1)[0].token : undefined;
  store();
  return dropped;
}

/** Something new was said there. */
export function news(token) {
  if (!openTokens().includes(token)) return;
  fresh.add(token);
  showTabs();
}

/** Draws the tabs; one alone is none. */
export function showTabs() {
  const strip = document.querySelector('[data-desk-open]');
  if (!strip) return;
  const current = document.querySelector('[data-desk-log]')?.dataset.token;
  strip.hidden = tabs.length < 2;
  strip.replaceChildren(...tabs.map(({ token, name }) => {
    const link = element('a', '', name);
    linkTo(link, token);
    link.id = `tab-${token}`;
    if (fresh.has(token)) link.append(element('span', 'visually-hidden', ', new messages'));
    if (token === current) link.setAttribute('aria-current', 'true');
    const close = element('button', '', '×');
    Object.assign(close, { type: 'button' });
    close.dataset.closeTab = token;
    close.setAttribute('aria-label', `Close ${name}`);
    const tab = element('div', 'desk-tab', link, close);
    tab.classList.toggle('is-current', token === current);
    tab.classList.toggle('has-new', fresh.has(token));
    return tab;
  }));
  window.htmx.process(strip);
}

/** To the next open conversation, or with -1 the one before. */
export function step(by) {
  const current = document.querySelector('[data-desk-log]')?.dataset.token;
  const place = tabs.findIndex(({ token }) => token === current);
  const next = tabs.at((place + by) % tabs.length);
  if (next && next.token !== current) document.getElementById(`tab-${next.token}`)?.click();
}

on('click', '[data-close-tab]', ({ dataset: { closeTab: token } }) => {
  const isCurrent = document.querySelector('[data-desk-log]')?.dataset.token === token;
  const place = tabs.findIndex((tab) => tab.token === token);
  tabs = tabs.filter((tab) => tab.token !== token);
  store();
  document.dispatchEvent(new CustomEvent('desk:closed', { detail: { token } }));
  showTabs();
  const next = tabs[Math.min(place, tabs.length - 1)];
  if (isCurrent && next) document.getElementById(`tab-${next.token}`)?.click();
  else document.querySelector('.desk-tab a')?.focus();
});
