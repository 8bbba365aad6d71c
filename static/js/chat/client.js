// The chat's client library, used by the customer's page and by the desk. No DOM in it.
//
//   const client = new ChatClient();                 one a page; it connects by WebSocket, else by long polling, and comes back by itself
//   client.on('status', (status) => …)               'connecting' | 'online' | 'reconnecting' | 'refused'; client.status is the present one
//   client.on('reconnected', () => …)                after every connect but the first: refetch what has no numbers (queues)
//   client.on('queues_changed' | 'support_alert' | 'support_presence' | 'presence' | 'support_notified', (data) => …)   as the server sends them
//   client.on('error', ({code, message, event}) => …)
//   client.connect(); client.close();
//   client.request(event, data, ms = 8000) → Promise of the acknowledgement; rejects when none comes
//   client.send(event, data)                         now or never: dropped while offline (typing, viewing)
//   client.keep(event, () => data)                   sent now and again after each connect (join_desk, viewing); gives back a function that stops it
//
//   const talk = client.conversation(token, {side: 'customer' | 'support', after, changes_after, username});
//     `after`: the number of the last message that the page already shows (0: none, all are asked for; left out: the latest 50)
//   talk.on('message', (message) => …)               each once, in order, without gaps; messages of the wire (see ARCHITECTURE, the contract)
//   talk.on('state', (state) => …)                   {session_id, status, ended, agent, marks, last_id, version}; talk.state is the last one
//   talk.on('change', (change) => …)                 agents: notes, status, assignment, labels; each once, in order
//   talk.on('outbox', (entries) => …)                what is not acknowledged: [{client_id, message, attachment?, card?, at, failed?: text}]
//   talk.on('typing', ({username, is_typing, is_support}) => …)   others; falls back to false by itself after 6 s
//   talk.on('people', ({kind: 'joined' | 'left', username}) => …)
//   talk.on('refused', ({code, message}) => …)       joining was refused: not_found, rate_limited …
//   talk.join(); talk.leave();                       join once; rejoining after a reconnect is done for you
//   talk.say(text, {attachment?: token, card?: {order} | {product}}) → client_id; kept in localStorage until acknowledged, sent in order
//   talk.retry(client_id); talk.drop(client_id) → the entry, to be edited
//   talk.typing(true | false)                        throttled; false is sent by itself after 4 s of silence and after `say`
//   talk.read(id)                                    what was seen up to here; `delivered` is sent by itself
//   talk.last                                        the number of the last message in order
import { io } from 'socket.io-client';

import { Conversation } from './conversation.js';
import { Emitter } from './emitter.js';

const PASSED_ON = ['queues_changed', 'support_alert', 'support_presence', 'presence', 'support_notified'];
const OF_ONE = ['chat_joined', 'new_message', 'conversation_state', 'conversation_change', 'user_typing', 'user_joined', 'user_left'];
const TRANSPORTS = ['websocket', 'polling'];

export class ChatClient extends Emitter {
  #socket;
  #talks = new Map();
  #kept = new Set();
  #status = 'connecting';
  #wasOnline = false;
  #failures = 0;
  #timer;
  #closed = true;

  constructor({ url, path = '/socket.io/', transports = TRANSPORTS } = {}) {
    super();
    const options = { path, transports, tryAllTransports: true, withCredentials: true, autoConnect: false, timeout: 8000 };
    const patience = { reconnectionDelay: 400, reconnectionDelayMax: 5000, randomizationFactor: 0.7 };
    this.#socket = io(url, { ...options, ...patience });
    this.#listen();
    // A network that is back, or a computer that was asleep: not after the pause, but now.
    addEventListener('online', () => this.#hurry());
    document.addEventListener('visibilitychange', () => { if (!document.hidden) this.#hurry(); });
  }

  get status() { return this.#status; }

  get isOnline() { return this.#socket.connected; }

  connect() {
    this.#closed = false;
    this.#socket.connect();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket.disconnect();
  }

  conversation(token, options) {
    const known = this.#talks.get(token);
    if (known) return known;
    const made = new Conversation(this, token, options);
    this.#talks.set(token, made);
    return made;
  }

  forget(token) {
    this.#talks.delete(token);
  }

  request(event, data, ms = 8000) {
    return this.#socket.timeout(ms).emitWithAck(event, data);
  }

  send(event, data) {
    if (this.#socket.connected) this.#socket.emit(event, data);
  }

  keep(event, data) {
    const kept = () => this.send(event, data());
    this.#kept.add(kept);
    kept();
    return () => this.#kept.delete(kept);
  }

  #listen() {
    const socket = this.#socket;
    socket.on('connect', () => {
      this.#failures = 0;
      const again = this.#wasOnline;
      this.#wasOnline = true;
      this.#set('online');
      for (const kept of this.#kept) kept();
      for (const talk of this.#talks.values()) talk.connected();
      if (again) this.emit('reconnected');
    });
    socket.on('disconnect', (reason) => {
      for (const talk of this.#talks.values()) talk.disconnected();
      if (this.#closed) return;
      this.#set('reconnecting');
      // The library comes back by itself, except when it was the server that let go.
      if (reason === 'io server disconnect') this.#later(300, 1500);
    });
    socket.on('connect_error', () => {
      this.#failures += 1;
      this.#set(this.#wasOnline ? 'reconnecting' : 'connecting');
      // What hangs instead of failing (a proxy that swallows WebSockets): the other way first, in turns.
      if (this.#failures % 2 === 1) socket.io.opts.transports = [...socket.io.opts.transports].reverse();
      if (!socket.active && !this.#closed) {
        if (this.#failures > 5) this.#set('refused');
        this.#later(2000, 8000);
      }
    });
    socket.on('server_leaving', ({ after_ms: most } = {}) => {
      // Everybody moves, but not in the same moment.
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => { if (!this.#closed) socket.disconnect().connect(); }, Math.random() * Math.min(Number(most) || 1000, 5000));
    });
    for (const name of PASSED_ON) socket.on(name, (data) => this.emit(name, data ?? {}));
    for (const name of OF_ONE) socket.on(name, (data) => this.#talkOf(data)?.received(name, data));
    socket.on('error', (data) => {
      if (!data || typeof data !== 'object') return;
      if (data.event === 'join_chat') this.#joinRefused(data);
      this.emit('error', data);
    });
  }

  #talkOf(data) {
    return this.#talks.get(data?.session_id ?? data?.message?.session_id ?? data?.state?.session_id);
  }

  // Without a name in the refusal it is meant for whoever is asking; several at once only try again.
  #joinRefused(data) {
    const named = this.#talks.get(data.session_id);
    const asking = named ? [named] : [...this.#talks.values()].filter((talk) => talk.isAsking);
    for (const talk of asking) talk.refused(asking.length > 1 ? { ...data, code: 'unavailable' } : data);
  }

  #later(least, most) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { if (!this.#closed) this.#socket.connect(); }, least + Math.random() * (most - least));
  }

  #hurry() {
    if (this.#closed || this.#socket.connected) return;
    this.#socket.disconnect().connect();
  }

  #set(status) {
    if (status === this.#status) return;
    this.#status = status;
    this.emit('status', status);
  }
}
