// The conversation in the middle, live, and those behind the tabs. What the server has written is kept and continued.
import { on } from '../page.js';
import { ChatClient } from '../chat/client.js';
import { clientId } from '../chat/outbox.js';
import { Log } from '../chat/log.js';
import { element, nodesOf } from '../chat/text.js';
import { alertAgent, showAlerts } from './alerts.js';
import { keep, kept, refresh } from './parts.js';
import { news, openTokens, opened, showTabs } from './tabs.js';

const STARTED = Date.now();
const client = new ChatClient();
/** Token → what is known of a conversation that is open: its talk, and what came since, for a log that is drawn again. */
const rooms = new Map();
let shown;

const find = (name) => document.querySelector(`[data-desk-${name}]`);
const scroller = () => document.querySelector('[data-desk-scroll="log"]');
const isAtEnd = () => !scroller() || scroller().scrollHeight - scroller().scrollTop - scroller().clientHeight < 80;
const toEnd = () => { if (scroller()) scroller().scrollTop = scroller().scrollHeight; };

// Without an actor the shop did it by itself.
function assigned(body, actor) {
  if (actor === '') return body.startsWith('Given back') ? body : `Given to ${body}`;
  if (body === '') return 'gave it back to the queue';
  return body === actor ? 'took it' : `handed it to ${body}`;
}

// What a change says after who did it; the same words as in src/web/support/talk.rs.
function words({ kind, actor, body }) {
  if (kind === 'assignment') return assigned(body, actor);
  if (kind === 'status' && actor === '') return body === 'open' ? 'Open again' : `Marked as ${body}`;
  if (kind === 'status') return body === 'pending' ? 'answered' : body.startsWith('snoozed') ? body : `marked it as ${body}`;
  if (kind === 'label') return `${body.startsWith('-') ? 'took off' : 'set'} the label ${body.slice(1)}`;
  return body;
}

function room(token, after, change) {
  const known = rooms.get(token);
  if (known) return known;
  const talk = client.conversation(token, { side: 'support', after, changes_after: change });
  const made = { token, talk, messages: [], changes: [], state: '' };
  rooms.set(token, made);
  talk.on('message', (message) => took(made, message));
  talk.on('change', (one) => {
    made.changes.push(one);
    if (shown?.token === token) drawChange(one);
  });
  talk.on('state', (state) => stands(made, state));
  talk.on('outbox', (entries) => { if (shown?.token === token) drawOutbox(entries); });
  talk.on('typing', (who) => { if (shown?.token === token) drawTyping(who); });
  talk.join();
  return made;
}

function took(made, message) {
  made.messages.push(message);
  const isNew = new Date(message.timestamp).getTime() > STARTED - 2000;
  if (shown?.token === made.token) draw(message);
  if (message.sender !== 'customer' || !isNew) return;
  if (shown?.token !== made.token) news(made.token);
  if (document.hidden || shown?.token !== made.token) alertAgent({ title: message.username, text: message.message, token: made.token });
}

function stands(made, state) {
  const now = JSON.stringify([state.status, state.ended, state.agent]);
  const has = made.state !== '' && made.state !== now;
  made.state = now;
  if (shown?.token !== made.token) return;
  shown.log.mark({ delivered: state.marks.customer_delivered, read: state.marks.customer_read });
  if (has) refresh('desk-head');
}

function draw(message) {
  const list = find('log');
  if (message.id <= Number(list.dataset.last) || 'old' in list.dataset) return;
  const stays = isAtEnd();
  list.dataset.last = message.id;
  shown.log.add(message);
  const marks = shown.room.talk.state?.marks;
  if (marks) shown.log.mark({ delivered: marks.customer_delivered, read: marks.customer_read });
  if (message.sender === 'customer') drawTyping({ is_typing: false });
  if (stays || message.sender !== 'customer') toEnd();
  look();
}

function drawChange(change) {
  const list = find('log');
  if (change.id <= Number(list.dataset.change) || 'old' in list.dataset) return;
  const stays = isAtEnd();
  list.dataset.change = change.id;
  const time = element('time', '', new Intl.DateTimeFormat(shown.locale, { hour: 'numeric', minute: '2-digit', timeZone: shown.zone }).format(new Date(change.at)));
  time.dateTime = change.at;
  if (change.kind === 'note') {
    list.append(element('li', 'desk-log-note', element('p', 'chat-who', `Note by ${change.actor}`), element('p', 'chat-text', ...nodesOf(change.body)), element('p', 'chat-when', time)));
    refresh('desk-customer', 600);
  } else {
    list.append(element('li', 'desk-event', element('span', 'text-break', `${change.actor} ${words(change)}`.trim()), ' ', time));
    refresh('desk-head');
  }
  if (stays) toEnd();
}

function drawOutbox(entries) {
  const stays = isAtEnd();
  find('outbox')?.replaceChildren(...entries.map((entry) => shown.log.unsent(entry)));
  if (stays) toEnd();
}

function drawTyping({ is_typing: isTyping, username = '', is_support: isColleague }) {
  const line = find('typing');
  if (!line) return;
  const stays = isAtEnd();
  line.hidden = !isTyping;
  line.textContent = isColleague ? `${username} is writing an answer too…` : `${username} is typing…`;
  line.classList.toggle('is-colleague', Boolean(isColleague));
  if (stays) toEnd();
}

// What is in view is read.
function look() {
  if (shown && !document.hidden && document.hasFocus() && isAtEnd()) shown.room.talk.read(shown.room.talk.last);
}

const draft = (token) => `draft.${token}`;

function mount() {
  const root = document.getElementById('desk');
  if (!root) return;
  showAlerts();
  const waiting = root.querySelector('#queue-waiting .desk-count')?.textContent ?? '0';
  document.title = `${waiting === '0' ? '' : `(${waiting}) `}${document.title.replace(/^\(\d+\+?\) /, '')}`;
  const list = find('log');
  if (!list) shown = undefined;
  if (!list || shown?.list === list) {
    showTabs();
    return;
  }
  const { token, name, last, change } = list.dataset;
  const { locale, zone, media } = root.dataset;
  const made = room(token, Number(last), Number(change));
  shown = { token, list, room: made, locale, zone, log: new Log(list, { side: 'support', locale, zone, media }) };
  // What came between the server's answer and now, or before it was drawn again.
  for (const message of made.messages) draw(message);
  for (const one of made.changes) drawChange(one);
  drawOutbox(made.talk.outbox);
  const area = document.getElementById('message');
  if (area) area.value ||= kept('sessionStorage', draft(token), '');
  const dropped = opened(token, name);
  if (dropped) forget(dropped);
  showTabs();
  toEnd();
  look();
}

function forget(token) {
  rooms.get(token)?.talk.leave();
  rooms.delete(token);
}

// Before everybody else: what is sent over the socket is no form any more.
window.addEventListener('submit', (event) => {
  const form = event.target;
  if (!form.matches?.('[data-desk-composer]')) return;
  const area = form.elements.message;
  const { token } = shown ?? {};
  form.elements.client_id.value = clientId();
  const isNote = event.submitter?.matches('[data-note]');
  if (isNote || !client.isOnline || !shown || area.value.trim() === '') {
    keep('sessionStorage', draft(token), '');
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  shown.room.talk.say(area.value.trim());
  area.value = '';
  area.removeAttribute('aria-invalid');
  document.getElementById('message-error')?.remove();
  keep('sessionStorage', draft(token), '');
  toEnd();
}, true);

on('input', '#message', ({ value }) => {
  if (!shown) return;
  keep('sessionStorage', draft(shown.token), value);
  shown.room.talk.typing(value.trim() !== '');
});
on('click', '[data-retry], [data-drop]', ({ dataset }) => {
  if (!shown) return;
  if (dataset.retry) shown.room.talk.retry(dataset.retry);
  else document.getElementById('message').value = shown.room.talk.drop(dataset.drop)?.message ?? '';
});
document.addEventListener('desk:closed', ({ detail }) => { if (shown?.token !== detail.token) forget(detail.token); });
for (const type of ['focus', 'visibilitychange']) window.addEventListener(type, look, true);
document.addEventListener('scroll', ({ target }) => { if (target === scroller()) look(); }, true);

// The list keeps its place when the columns are drawn again.
let place = 0;
document.addEventListener('htmx:beforeSwap', () => { place = document.querySelector('[data-desk-scroll="queue"]')?.scrollTop ?? 0; });
document.addEventListener('htmx:afterSettle', () => {
  const list = document.querySelector('[data-desk-scroll="queue"]');
  if (list && list.scrollTop === 0) list.scrollTop = place;
  mount();
});

const STATUS = { reconnecting: 'Reconnecting… What you write is kept and sent.', refused: 'No live connection. The list is refreshed every half minute.' };
client.on('status', (status) => {
  const line = find('status');
  if (!line) return;
  line.textContent = STATUS[status] ?? '';
  line.hidden = !STATUS[status];
});
client.on('reconnected', () => { refresh('desk-queue'); refresh('desk-head'); });
client.on('queues_changed', () => refresh('desk-queue'));
client.on('support_alert', ({ session_id: token, username, message }) => {
  refresh('desk-queue');
  if (!rooms.has(token)) alertAgent({ title: username, text: message ?? '', token });
});
client.on('presence', ({ session_id: token, online, path }) => {
  if (shown?.token !== token) return;
  const line = find('presence');
  if (line) {
    line.textContent = online ? 'Here now' : 'Away';
    line.classList.toggle('is-here', Boolean(online));
  }
  if (path && path !== shown.path) refresh('desk-customer', 800);
  shown.path = path ?? shown.path;
});
client.keep('join_desk', () => ({}));

// Waiting times grow by themselves, and whatever was not heard of is seen.
setInterval(() => refresh('desk-queue', 0), 30_000);
mount();
for (const token of openTokens()) room(token);
client.connect();
