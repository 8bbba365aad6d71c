// One conversation: its messages in order and each once, whatever was lost on the way, and what is still to be sent.
import { Emitter } from './emitter.js';
import { Outbox, clientId } from './outbox.js';

// Another try would be refused in the same way.
const FINAL = new Set(['too_long', 'empty', 'ended', 'client_id_reused', 'not_found', 'agents_only', 'bad_payload', 'bad_name', 'unknown_thing']);
const TYPING_EVERY = 2500;
const TYPING_ENDS = 4000;
const TYPING_SHOWN = 6000;

export class Conversation extends Emitter {
  token;
  side;
  state = null;
  #client;
  #outbox;
  #entries;
  #username;
  #last;
  #change;
  #early = new Map();
  #earlyChanges = new Map();
  #wanted = false;
  #isJoined = false;
  #isAsking = false;
  #askAgain = false;
  #isSending = false;
  #timers = {};
  #typedAt = 0;
  #delivered = 0;
  #read = 0;
  #place = 0;

  constructor(client, token, { side = 'customer', after, changes_after: change = 0, username } = {}) {
    super();
    Object.assign(this, { token, side });
    this.#client = client;
    this.#username = username;
    this.#last = after;
    this.#change = change;
    this.#outbox = new Outbox(token);
    this.#entries = this.#outbox.all();
  }

  get last() { return this.#last ?? 0; }

  get isAsking() { return this.#isAsking; }

  get outbox() { return [...this.#entries]; }

  join() {
    this.#wanted = true;
    this.emit('outbox', this.outbox);
    this.#ask();
  }

  leave() {
    this.#wanted = false;
    this.#isJoined = false;
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    this.#client.send('leave_chat', { session_id: this.token });
    this.#client.forget(this.token);
  }

  say(message, { attachment, card } = {}) {
    const entry = { client_id: clientId(), message, attachment, card, at: Date.now(), place: this.#place += 1 };
    // Also where the browser keeps nothing: then it lives as long as the page.
    this.#outbox.put(entry);
    this.#entries.push(entry);
    this.#tellOutbox();
    this.typing(false);
    this.#flush();
    return entry.client_id;
  }

  retry(id) {
    const entry = this.#entries.find(({ client_id: one }) => one === id);
    if (!entry) return;
    delete entry.failed;
    this.#outbox.put(entry);
    this.#tellOutbox();
    this.#flush();
  }

  drop(id) {
    const entry = this.#entries.find(({ client_id: one }) => one === id);
    this.#outbox.remove(id);
    this.#entries = this.#entries.filter((one) => one !== entry);
    this.#tellOutbox();
    return entry;
  }

  typing(isTyping) {
    const now = Date.now();
    clearTimeout(this.#timers.typing);
    if (isTyping) {
      this.#timers.typing = setTimeout(() => this.typing(false), TYPING_ENDS);
      if (now - this.#typedAt < TYPING_EVERY) return;
    } else if (this.#typedAt === 0) {
      return;
    }
    this.#typedAt = isTyping ? now : 0;
    if (this.#isJoined) this.#client.send('typing', { session_id: this.token, is_typing: isTyping });
  }

  read(id) {
    if (id > this.#read) this.#read = id;
    this.#mark();
  }

  /** Called by the client. */
  connected() {
    if (this.#wanted) this.#ask();
  }

  /** Called by the client. */
  disconnected() {
    this.#isJoined = false;
    this.#isAsking = false;
    this.#typedAt = 0;
    this.#sent = { delivered: 0, read: 0 };
    clearTimeout(this.#timers.ask);
  }

  /** Called by the client: what the server sent for this conversation. */
  received(name, data) {
    if (name === 'chat_joined') this.#joined(data);
    else if (name === 'new_message') this.#take([data.message]);
    else if (name === 'conversation_state') this.#takeState(data.state);
    else if (name === 'conversation_change') this.#takeChanges([data.change]);
    else if (name === 'user_typing') this.#othersType(data);
    else this.emit('people', { kind: name === 'user_joined' ? 'joined' : 'left', username: data.username, message: data.message });
  }

  // Asks for what came after the last one in order, until there is no more. An answer that never comes is asked for again.
  #ask() {
    if (!this.#wanted || !this.#client.isOnline) return;
    if (this.#isAsking) {
      this.#askAgain = true;
      return;
    }
    this.#isAsking = true;
    this.#askAgain = false;
    const asked = { session_id: this.token, after: this.#last, username: this.#username };
    if (this.side === 'support') asked.changes_after = this.#change;
    this.#client.send('join_chat', asked);
    clearTimeout(this.#timers.ask);
    this.#timers.ask = setTimeout(() => {
      this.#isAsking = false;
      this.#ask();
    }, 4000 + Math.random() * 3000);
  }

  /** Called by the client: joining was refused. Tried again where that makes sense. */
  refused({ code, message }) {
    clearTimeout(this.#timers.ask);
    this.#isAsking = false;
    this.emit('refused', { code, message });
    if (FINAL.has(code)) this.#wanted = false;
    else this.#timers.ask = setTimeout(() => this.#ask(), 2000 + Math.random() * 3000);
  }

  #joined(data) {
    clearTimeout(this.#timers.ask);
    this.#isAsking = false;
    this.#isJoined = true;
    const messages = Array.isArray(data.messages) ? data.messages : [];
    // The first answer without a number begins where the server begins.
    this.#last ??= messages.length > 0 ? messages[0].id - 1 : (data.last_id ?? 0);
    this.#take(messages);
    if (Array.isArray(data.changes)) this.#takeChanges(data.changes);
    if (data.state) this.#takeState(data.state);
    if (data.more || this.#askAgain || (data.last_id ?? 0) > this.#last) this.#askSoon(data.more && messages.length > 0);
    this.#flush();
    this.#mark();
  }

  // A gap that an answer did not close is no reason to ask in a circle.
  #askSoon(now) {
    if (now) {
      this.#ask();
      return;
    }
    clearTimeout(this.#timers.gap);
    this.#timers.gap = setTimeout(() => this.#ask(), 250);
  }

  #take(messages) {
    for (const message of messages) {
      if (!Number.isSafeInteger(message?.id)) continue;
      this.#settle(message);
      if (message.id > (this.#last ?? Infinity)) this.#early.set(message.id, message);
    }
    if (this.#last === undefined) return;
    while (this.#early.has(this.#last + 1)) {
      this.#last += 1;
      const next = this.#early.get(this.#last);
      this.#early.delete(this.#last);
      this.emit('message', next);
    }
    // What is left came too early: something before it is missing.
    if (this.#early.size > 0) this.#askSoon(false);
    this.#mark();
  }

  #takeChanges(changes) {
    for (const change of changes) if (change?.id > this.#change) this.#earlyChanges.set(change.id, change);
    while (this.#earlyChanges.has(this.#change + 1)) {
      this.#change += 1;
      const next = this.#earlyChanges.get(this.#change);
      this.#earlyChanges.delete(this.#change);
      this.emit('change', next);
    }
    if (this.#earlyChanges.size > 0 && this.side === 'support') this.#askSoon(false);
  }

  #takeState(state) {
    if (!state || (this.state && state.version < this.state.version)) return;
    const before = this.state?.marks ?? {};
    // Marks only grow; two of them may overtake each other on the way.
    const marks = Object.fromEntries(Object.entries(state.marks ?? {}).map(([name, value]) => [name, Math.max(value, before[name] ?? 0)]));
    this.state = { ...state, marks };
    this.emit('state', this.state);
    if (this.#last !== undefined && state.last_id > this.#last) this.#askSoon(false);
  }

  #othersType(data) {
    this.emit('typing', data);
    const name = `shown ${data.username}`;
    clearTimeout(this.#timers[name]);
    if (data.is_typing) this.#timers[name] = setTimeout(() => this.emit('typing', { ...data, is_typing: false }), TYPING_SHOWN);
  }

  // An own message that came back: nothing is left to send.
  #settle({ client_id: id }) {
    if (!id || !this.#entries.some((entry) => entry.client_id === id)) return;
    this.#outbox.remove(id);
    this.#entries = this.#entries.filter((entry) => entry.client_id !== id);
    this.#tellOutbox();
  }

  // One after the other, so that they keep their order; the same name until it is acknowledged.
  async #flush() {
    if (this.#isSending || !this.#isJoined) return;
    this.#isSending = true;
    try {
      for (let entry = this.#next(); entry && this.#isJoined; entry = this.#next()) {
        if (!await this.#sendOne(entry)) break;
      }
    } finally {
      this.#isSending = false;
    }
  }

  #next() {
    return this.#entries.find((entry) => !entry.failed && !entry.acknowledged);
  }

  async #sendOne(entry) {
    const { client_id, message, attachment, card } = entry;
    let answer;
    try {
      answer = await this.#client.request('send_message', { session_id: this.token, message, client_id, attachment, card });
    } catch {
      // No answer, or the connection went: it may have been stored, and the same name makes it one message.
      this.#flushLater(1000);
      return false;
    }
    if (answer?.success) {
      // Stored. It leaves the outbox for good; on the page it stays until it comes back with its number.
      entry.acknowledged = true;
      this.#outbox.remove(client_id);
      if (this.#last !== undefined && answer.id > this.#last) this.#askSoon(false);
      else this.#settle({ client_id });
      return true;
    }
    const { code = 'unavailable', message: why = 'This was not sent.' } = answer ?? {};
    if (FINAL.has(code)) {
      entry.failed = why;
      this.#outbox.put(entry);
      this.#tellOutbox();
      return true;
    }
    if (code === 'not_joined') this.#ask();
    this.#flushLater(code === 'rate_limited' ? 3000 : 1500);
    return false;
  }

  #flushLater(ms) {
    clearTimeout(this.#timers.flush);
    this.#timers.flush = setTimeout(() => this.#flush(), ms + Math.random() * ms);
  }

  #tellOutbox() {
    this.emit('outbox', this.outbox);
  }

  #sent = { delivered: 0, read: 0 };

  #mark() {
    if (!this.#isJoined) return;
    this.#delivered = Math.max(this.#delivered, this.last);
    for (const [mark, event] of [['delivered', 'mark_delivered'], ['read', 'mark_read']]) {
      const id = mark === 'read' ? Math.min(this.#read, this.last) : this.#delivered;
      if (id <= this.#sent[mark]) continue;
      this.#sent[mark] = id;
      clearTimeout(this.#timers[mark]);
      // Several at once are one.
      this.#timers[mark] = setTimeout(() => this.#client.send(event, { session_id: this.token, id: this.#sent[mark] }), 150);
    }
  }
}
