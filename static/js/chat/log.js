// The messages on the page: bubbles grouped by speaker and minute, with day lines. The server writes the same elements
// (templates/chat/_message.html); what it has written is kept and continued.
import { element, nodesOf, sizeOf } from './text.js';

const IS_LOCAL = /^\/(?!\/)/;

function classOf(message, isOwn) {
  if (message.sender === 'system') return 'chat-message is-system';
  return isOwn ? 'chat-message is-own' : 'chat-message';
}

function attachment({ url, kind, file_name: name, bytes, width, height }) {
  const link = element('a', kind === 'picture' ? 'chat-picture' : 'chat-file');
  if (!IS_LOCAL.test(url)) return link;
  link.href = url;
  link.setAttribute('hx-boost', 'false');
  if (kind !== 'picture') {
    link.append(element('span', 'chat-file-name', name), element('span', 'chat-file-size', `PDF, ${sizeOf(bytes)}`));
    return link;
  }
  const picture = element('img', '');
  Object.assign(picture, { src: url, alt: name, width: width ?? 320, height: height ?? 240, loading: 'lazy' });
  link.target = '_blank';
  link.append(picture);
  return link;
}

function card(shown, media) {
  const link = element('a', 'chat-card');
  const url = shown.url ?? (shown.kind === 'order' ? `/orders/${shown.number}` : `/products/${shown.slug}`);
  if (IS_LOCAL.test(url)) link.href = url;
  if (shown.picture) {
    const src = /^(\/|https?:)/.test(shown.picture) ? shown.picture : `${media}/media/${shown.picture}-320.webp`;
    const picture = element('img', 'chat-card-picture');
    Object.assign(picture, { src, alt: '', width: 56, height: 56 });
    link.append(picture);
  }
  const [name, note] = shown.kind === 'order' ? [`Order ${shown.number}`, `${shown.status}, ${shown.total}`] : [shown.name, shown.price];
  link.append(element('span', 'chat-card-words', element('strong', '', name), element('span', 'chat-card-note', note)));
  return link;
}

/** The list of messages in `list` (an `ol`), for someone on `side`. */
export class Log {
  #list;
  #side;
  #media;
  #time;
  #day;
  #dayKey;

  constructor(list, { side = 'customer', locale = 'en', zone, media = '' } = {}) {
    this.#list = list;
    this.#side = side;
    this.#media = media;
    const format = (options) => new Intl.DateTimeFormat(locale, { ...options, timeZone: zone || undefined });
    this.#time = format({ hour: 'numeric', minute: '2-digit' });
    this.#day = format({ weekday: 'long', month: 'long', day: 'numeric' });
    this.#dayKey = new Intl.DateTimeFormat('en-CA', { timeZone: zone || undefined });
  }

  isOwn(message) {
    return (this.#side === 'customer') === (message.sender === 'customer' || (!message.sender && !message.is_support));
  }

  /** Adds a message after the last one. */
  add(message) {
    const at = new Date(message.timestamp);
    const made = this.#element(message, at);
    const previous = this.#list.querySelector(':scope > .chat-message:last-child');
    const day = this.#dayKey.format(at);
    if (this.#list.dataset.day !== day) this.#list.append(element('li', 'chat-day', element('span', '', this.#day.format(at))));
    else if (previous && previous.dataset.by === made.dataset.by && previous.dataset.minute === made.dataset.minute) {
      made.classList.add('is-continued');
      previous.classList.add('is-followed');
    }
    this.#list.dataset.day = day;
    this.#list.append(made);
    return made;
  }

  /** A message that has no number yet. */
  unsent(entry) {
    const now = { ...entry, sender: this.#side === 'customer' ? 'customer' : 'agent', timestamp: entry.at, attachment: undefined, card: undefined };
    const made = this.#element(now, new Date(entry.at));
    made.classList.add('is-unsent');
    delete made.dataset.id;
    if (entry.attachment) made.querySelector('.chat-bubble').append(element('span', 'chat-card-note', 'With a file'));
    if (entry.card) made.querySelector('.chat-bubble').append(element('span', 'chat-card-note', entry.card.order ? `Order ${entry.card.order}` : 'With a product'));
    const when = made.querySelector('.chat-when');
    when.replaceChildren(entry.failed ?? 'Sending…');
    if (!entry.failed) return made;
    made.classList.add('is-failed');
    for (const [label, what] of [['Try again', 'retry'], ['Edit', 'drop']]) {
      const button = element('button', 'chat-link', label);
      button.type = 'button';
      button.dataset[what] = entry.client_id;
      when.append(' ', button);
    }
    return made;
  }

  /** Says at one's own messages how far they have got. */
  mark({ delivered, read }) {
    for (const made of this.#list.querySelectorAll('.chat-message.is-own')) {
      const id = Number(made.dataset.id);
      const text = id <= read ? 'Read' : id <= delivered ? 'Delivered' : 'Sent';
      const mark = made.querySelector('.chat-mark');
      if (mark && mark.textContent !== text) mark.textContent = text;
    }
  }

  #element(message, at) {
    const own = this.isOwn(message);
    const made = element('li', classOf(message, own));
    made.dataset.id = message.id ?? '';
    made.dataset.by = own ? `own:${message.sender === 'agent' ? message.username : ''}` : `${message.sender}:${message.username}`;
    made.dataset.minute = String(Math.floor(at.getTime() / 60_000));
    const who = element('p', 'chat-who', message.username ?? '');
    if (message.sender === 'automatic') who.append(' ', element('span', 'chat-automatic', 'automatic answer'));
    const bubble = element('div', 'chat-bubble');
    if (message.message) bubble.append(element('p', 'chat-text', ...nodesOf(message.message)));
    bubble.querySelector('p')?.setAttribute('dir', 'auto');
    if (message.attachment) bubble.append(attachment(message.attachment));
    if (message.card) bubble.append(card(message.card, this.#media));
    const time = element('time', '', this.#time.format(at));
    time.dateTime = at.toISOString();
    const when = element('p', 'chat-when', time);
    if (own) when.append(' ', element('span', 'chat-mark', 'Sent'));
    made.append(who, bubble, when);
    return made;
  }
}
