// The customer's side: brings a conversation that the server has written (templates/chat/_room.html) to life.
import { ChatClient } from './client.js';
import { compose } from './composer.js';
import { Log } from './log.js';
import { element } from './text.js';
import { setUnread } from './unread.js';
import { uploads } from './uploads.js';

let client;
let open;

const connection = () => {
  client ??= new ChatClient();
  return client;
};

/** One conversation on the page. */
class Room {
  constructor(root) {
    const { token, last, side, locale, zone, media } = root.dataset;
    this.root = root;
    root.classList.add('is-live');
    this.token = token;
    this.find = (name) => root.querySelector(`[data-chat-${name}]`);
    this.scroll = this.find('scroll');
    this.unread = 0;
    this.log = new Log(this.find('log'), { side, locale, zone, media });
    this.talk = connection().conversation(token, { side, after: Number(last) });
    this.isEnded = 'ended' in root.dataset;
    this.seen = Number(root.dataset.read ?? 0);
    this.stops = this.#listen();
    this.#compose();
    this.talk.join();
    if (!connection().isOnline) connection().connect();
    this.#showStatus();
    this.unread = this.#countUnread();
    this.toEnd();
    this.look();
    // What had the focus is gone: the form that began it.
    if (document.activeElement === document.body && root.closest('#chat-panel') && this.isVisible) this.composer?.field.focus();
  }

  get isVisible() {
    return !document.hidden && document.hasFocus() && this.root.getClientRects().length > 0;
  }

  get isAtEnd() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < 60;
  }

  toEnd() {
    this.staysAtEnd = true;
    this.scroll.scrollTop = this.scroll.scrollHeight;
  }

  // Only who scrolls up leaves the end: a picture that grows below moves it away as well.
  #scrolled() {
    const { scrollTop } = this.scroll;
    if (this.isAtEnd) this.staysAtEnd = true;
    else if (scrollTop < this.top) this.staysAtEnd = false;
    this.top = scrollTop;
    this.look();
  }

  /** Somebody looks: what is in view is read. */
  look() {
    if (this.isVisible && this.isAtEnd) {
      this.seen = this.talk.last;
      this.talk.read(this.talk.last);
      this.unread = 0;
    }
    setUnread(this.unread);
    const jump = this.find('jump');
    if (jump) {
      jump.hidden = this.isAtEnd;
      jump.querySelector('[data-count]').textContent = this.unread > 0 ? `${this.unread} new` : 'Latest';
    }
  }

  close() {
    for (const stop of this.stops) stop();
    this.talk.leave();
  }

  #listen() {
    const aim = new AbortController();
    const listen = (target, type, fn, capture = false) => target.addEventListener(type, fn, { capture, signal: aim.signal });
    listen(this.scroll, 'scroll', () => this.#scrolled());
    // A picture has its height once it is there.
    listen(this.scroll, 'load', () => { if (this.staysAtEnd) this.toEnd(); }, true);
    listen(window, 'focus', () => this.look());
    listen(document, 'visibilitychange', () => this.look());
    listen(document, 'chat:shown', () => { this.toEnd(); this.look(); });
    listen(this.find('jump'), 'click', () => { this.toEnd(); this.look(); });
    listen(this.root, 'click', (event) => this.#clicked(event));
    const viewing = () => ({ session_id: this.token, path: location.pathname, title: document.title.slice(0, 200) });
    listen(document, 'htmx:afterSettle', ({ detail }) => { if (detail.boosted) connection().send('viewing', viewing()); });
    return [
      () => aim.abort(),
      connection().keep('viewing', viewing),
      connection().on('status', () => this.#showStatus()),
      this.talk.on('message', (message) => this.#show(message)),
      this.talk.on('outbox', (entries) => this.#showOutbox(entries)),
      this.talk.on('state', (state) => this.#showState(state)),
      this.talk.on('typing', (who) => this.#showTyping(who)),
      this.talk.on('refused', (why) => this.#refused(why)),
    ];
  }

  #compose() {
    const form = this.find('form');
    if (!form) return;
    this.files = uploads(this.root, form);
    const send = (text) => {
      const attachment = this.files.take();
      if (!text && !attachment && !this.#card()) return false;
      if (this.files.isBusy) return false;
      this.talk.say(text, { attachment, card: this.#takeCard() });
      this.#divider()?.remove();
      this.toEnd();
      return true;
    };
    this.composer = compose(form, this.token, { send, typing: (is) => this.talk.typing(is) });
  }

  // What the conversation was opened from: an order's page or a product's.
  #card() {
    const { order, product } = this.find('card')?.dataset ?? {};
    if (order) return { order };
    return product ? { product } : undefined;
  }

  #takeCard() {
    const card = this.#card();
    this.find('card')?.remove();
    return card;
  }

  #show(message) {
    const wasAtEnd = this.isAtEnd;
    const isOwn = this.log.isOwn(message);
    if (!isOwn && !(this.isVisible && wasAtEnd)) {
      this.unread += 1;
      if (!this.#divider()) this.find('log').append(element('li', 'chat-new', element('span', '', 'New')));
    }
    this.log.add(message);
    this.#marks();
    this.find('empty')?.remove();
    if (!isOwn) this.#showTyping({ is_typing: false });
    if (wasAtEnd) this.toEnd();
    this.look();
  }

  #divider() {
    return this.find('log').querySelector('.chat-new');
  }

  #countUnread() {
    const others = this.find('log').querySelectorAll('.chat-message:not(.is-own, .is-system)');
    return [...others].filter((made) => Number(made.dataset.id) > this.seen).length;
  }

  #showOutbox(entries) {
    const wasAtEnd = this.isAtEnd;
    this.find('outbox').replaceChildren(...entries.map((entry) => this.log.unsent(entry)));
    if (wasAtEnd) this.toEnd();
  }

  #showState(state) {
    this.#marks();
    const status = this.find('agent');
    if (status && state.agent?.name && !state.ended) status.textContent = `${state.agent.name} is here for you`;
    const isDone = state.ended || state.status === 'resolved';
    const was = this.root.dataset.done === 'true';
    this.root.dataset.done = String(isDone);
    // Whether it can be rated or has to be opened anew: the server's to say.
    if (isDone !== was || (state.ended && !this.isEnded)) this.#refetch();
    this.isEnded = state.ended;
  }

  #refetch() {
    document.dispatchEvent(new CustomEvent('chat:stale', { detail: { root: this.root } }));
  }

  #marks() {
    const marks = this.talk.state?.marks;
    if (marks) this.log.mark({ delivered: marks.support_delivered, read: marks.support_read });
  }

  #showTyping({ is_typing: isTyping, username = '' }) {
    const line = this.find('typing');
    if (!line) return;
    const wasAtEnd = this.isAtEnd;
    line.hidden = !isTyping;
    line.querySelector('[data-name]').textContent = `${username} is typing`;
    if (wasAtEnd) this.toEnd();
  }

  #showStatus() {
    const line = this.find('connection');
    if (!line) return;
    const { status } = connection();
    const words = { reconnecting: 'Reconnecting… What you write is kept and sent.', refused: 'No connection at the moment. What you write is kept; we keep trying.' };
    line.textContent = words[status] ?? '';
    line.hidden = !words[status];
  }

  #refused({ code, message }) {
    const line = this.find('connection');
    if (!line || code !== 'not_found') return;
    line.textContent = message ?? 'This conversation cannot be opened here any more.';
    line.hidden = false;
  }

  #clicked({ target }) {
    const button = target.closest?.('[data-retry], [data-drop], [data-chat-drop-card]');
    if (!button) return;
    if (button.dataset.retry) this.talk.retry(button.dataset.retry);
    else if (button.dataset.drop) this.composer?.fill(this.talk.drop(button.dataset.drop)?.message ?? '');
    else this.find('card')?.remove();
  }
}

function mount() {
  const root = document.querySelector('[data-chat][data-token]');
  if (open && open.root !== root) {
    open.close();
    open = undefined;
    setUnread(0);
  }
  if (root && !open) open = new Room(root);
  try {
    // The launcher comes to life by itself on the next page.
    if (root && !('ended' in root.dataset)) localStorage.setItem('chat.open', root.dataset.token);
    else if (root || document.querySelector('[data-chat]:not([data-last])')) localStorage.removeItem('chat.open');
  } catch {
    // storage is blocked: the launcher waits to be opened
  }
}

mount();
document.addEventListener('htmx:afterSettle', mount);
document.addEventListener('chat:mount', mount);
