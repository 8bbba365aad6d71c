// Real Socket.IO clients for the chat's drills, driven over the standard input, one JSON line a command; answers are JSON lines too.
// Each keeps what it was shown, in the order in which it was shown it: the drill's checker reads these logs afterwards.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { writeFileSync } from "node:fs";

const require = createRequire(new URL("../../browser/package.json", import.meta.url));
const { io } = require("socket.io-client");

const URL_ = process.env.BASE_URL;
const clients = [];
const latencies = [];

// A browser's jar, for one client: polling alone needs it, since each poll must reach the same server.
class Jar {
  constructor(identity) { this.cookies = new Map(identity); }
  get header() { return [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "); }
  addCookies(xhr) { xhr.setDisableHeaderCheck(true); xhr.setRequestHeader("cookie", this.header); }
  parseCookies(lines) {
    for (const line of lines ?? []) {
      const [name, value] = line.split(";")[0].split("=");
      this.cookies.set(name, value);
    }
  }
  appendCookies() {}
}

// What the shop's own page does: one order, every gap asked for, everything sent until it is acknowledged.
class ChatClient {
  constructor({ name, identity, transport, session_id, sends }) {
    Object.assign(this, { name, transport, session_id, sends });
    this.jar = new Jar(identity);
    this.log = [];
    this.seen = { doubles: 0, gaps: 0, unknown_sid: 0, connects: 0, errors: {}, acked: [], unacked: [] };
    this.catch_ups = [];
    this.outages = [];
    this.last = 0;
    this.sent = 0;
    this.caught_up = false;
    this.connect();
  }

  connect() {
    const polling = this.transport === "polling";
    this.socket = io(URL_, {
      transports: [this.transport], forceNew: true, multiplex: false, timeout: 5000,
      reconnectionDelay: 150, reconnectionDelayMax: 1000, randomizationFactor: 0.5,
      ...(polling ? { cookieJar: this.jar, withCredentials: true } : { extraHeaders: { Cookie: this.jar.header } }),
    });
    const { socket } = this;
    socket.on("connect", () => { this.seen.connects += 1; this.connected_at = performance.now(); this.join(); });
    socket.on("connect_error", (error) => {
      if (String(error.context?.responseText ?? "").includes("Session ID unknown")) this.seen.unknown_sid += 1;
      this.lost();
    });
    socket.on("disconnect", (reason, details) => {
      if (String(details?.context?.responseText ?? "").includes("Session ID unknown")) this.seen.unknown_sid += 1;
      this.lost();
      if (reason === "io server disconnect") setTimeout(() => socket.connect(), 300 * Math.random());
    });
    // It goes at once, at a moment of its own, and the manager connects it anew.
    socket.on("server_leaving", ({ after_ms }) => setTimeout(() => socket.io.engine?.close(), after_ms * Math.random() * 0.8));
    socket.on("chat_joined", (joined) => this.joined(joined));
    socket.on("new_message", ({ message }) => this.heard(message));
    socket.on("error", ({ code }) => {
      this.seen.errors[code] = (this.seen.errors[code] ?? 0) + 1;
      if (code === "unavailable" || code === "not_found") setTimeout(() => this.join(), 500);
    });
  }

  lost() {
    if (this.caught_up) this.lost_at = performance.now();
    this.caught_up = false;
  }

  join() {
    if (!this.socket.connected) return;
    this.socket.emit("join_chat", { session_id: this.session_id, after: this.last });
  }

  joined({ session_id, messages, more }) {
    this.session_id ??= session_id;
    messages.forEach((message) => this.take(message, true));
    if (more) return this.join();
    if (!this.caught_up) {
      this.caught_up = true;
      this.catch_ups.push(performance.now() - this.connected_at);
      if (this.lost_at) this.outages.push(performance.now() - this.lost_at);
      if (this.sends) this.flush();
    }
  }

  heard(message) {
    const sent_at = Number(message.message.split("|")[2]);
    if (sent_at && this.caught_up) latencies.push(Date.now() - sent_at);
    this.take(message, false);
  }

  take(message, asked) {
    if (message.id <= this.last) {
      // An answer to a join may hold what came meanwhile; anything else twice would be a double on the wire, and shown once all the same.
      if (!asked) this.seen.doubles += 1;
      return;
    }
    if (message.id > this.last + 1) { this.seen.gaps += 1; return this.join(); }
    this.last = message.id;
    this.log.push([message.id, message.client_id ?? null, message.message]);
  }

  start(every, until) {
    this.until = until;
    const next = () => {
      if (Date.now() >= until) return;
      this.sent += 1;
      this.seen.unacked.push([`${this.name}-${this.sent}`, `${this.name}|${this.sent}|${Date.now()}`]);
      this.flush();
      setTimeout(next, every * (0.5 + Math.random()));
    };
    setTimeout(next, every * Math.random());
  }

  // One after the other, each until it is acknowledged.
  async flush() {
    if (this.flushing) return;
    this.flushing = true;
    while (this.seen.unacked.length && this.socket.connected && this.caught_up) {
      const [client_id, message] = this.seen.unacked[0];
      try {
        const answer = await this.socket.timeout(4000).emitWithAck("send_message", { session_id: this.session_id, message, client_id });
        if (answer.success) { this.seen.unacked.shift(); this.seen.acked.push([client_id, answer.id]); }
        else await new Promise((done) => setTimeout(done, 300));
      } catch { await new Promise((done) => setTimeout(done, 200)); }
    }
    this.flushing = false;
  }
}

const commands = {
  async open({ of }) {
    // A few at a time, as people come.
    for (let n = 0; n < of.length; n += 20) {
      clients.push(...of.slice(n, n + 20).map((one) => new ChatClient(one)));
      await new Promise((done) => setTimeout(done, 150));
    }
    return {};
  },
  status() {
    return {
      connected: clients.filter(({ socket }) => socket.connected).length, caught_up: clients.filter((one) => one.caught_up).length,
      unacked: clients.reduce((sum, one) => sum + one.seen.unacked.length, 0), last: clients.map((one) => one.last),
      unknown_sid: clients.reduce((sum, one) => sum + one.seen.unknown_sid, 0), flushing: clients.filter((one) => one.flushing).length,
    };
  },
  start({ every, seconds }) {
    const until = Date.now() + seconds * 1000;
    clients.filter((one) => one.sends).forEach((one) => one.start(every, until));
    return {};
  },
  // Whoever waits for nothing may have missed the last message: asks once more.
  ask() { clients.forEach((one) => { one.join(); if (one.sends) one.flush(); }); return {}; },
  write({ file }) {
    const logs = clients.map(({ name, transport, session_id, log, seen, catch_ups, outages }) =>
      ({ name, transport, session_id, log, seen, catch_ups, outages }));
    writeFileSync(file, JSON.stringify({ logs, latencies }));
    return {};
  },
  end() { setTimeout(() => process.exit(0), 50); clients.forEach((one) => one.socket.disconnect()); return {}; },
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  console.log(JSON.stringify(await commands[command.do](command)));
}
