// Node's Socket.IO with its Redis adapter. Two events: one only passes a message on, which is what the library does; the other does
// the shop's work first: it counts against a limit that all servers share, numbers and stores. The library's own settings. PORT,
// REDIS_URL, PGHOST … come from the environment; it ends with its standard input.
import { createServer } from "node:http";

import { createAdapter } from "@socket.io/redis-adapter";
import pg from "pg";
import { createClient } from "redis";
import { Server } from "socket.io";

const publisher = createClient({ url: process.env.REDIS_URL });
const subscriber = publisher.duplicate();
await Promise.all([publisher.connect(), subscriber.connect()]);
// As many connections as one of the shop's servers has.
const pool = new pg.Pool({ max: 10 });

// Prepared once a connection, as the shop's are. The tables are copies of the shop's, with its indexes.
const NUMBER = {
  name: "number",
  text: "UPDATE conversations SET last_seq = last_seq + 1, last_message_at = now() WHERE token = $1 RETURNING id, last_seq",
};
const STORE = {
  name: "store",
  text: `INSERT INTO chat_messages (conversation_id, seq, sender, username, body, client_id)
         VALUES ($1, $2, 'customer', 'Guest', $3, $4) RETURNING created_at`,
};
const LIMIT = 100_000_000;

async function isWithinLimit(session_id) {
  const key = `node-limit:${session_id}`;
  const count = await publisher.incr(key);
  if (count === 1) await publisher.expire(key, 60);
  return count <= LIMIT;
}

// The row of the conversation gives the number and keeps the order; a client_id that was there before breaks a unique index.
async function store({ session_id, message, client_id }) {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const { rows: [conversation] } = await client.query({ ...NUMBER, values: [session_id] });
    const { rows: [stored] } = await client.query({ ...STORE, values: [conversation.id, conversation.last_seq, message, client_id] });
    await client.query("COMMIT");
    return { id: Number(conversation.last_seq), at: stored.created_at };
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

const http = createServer((_, answer) => answer.end("ready"));
const io = new Server(http, { adapter: createAdapter(publisher, subscriber) });

// The fields of the shop's messages: as many bytes travel.
function tell({ session_id, message, client_id }, { id, at }) {
  const fields = { id, session_id, username: "Guest", message, is_support: false, sender: "customer", timestamp: at.toISOString(), client_id };
  io.to(session_id).emit("new_message", { message: fields });
}

io.on("connection", (socket) => {
  socket.on("join_chat", ({ session_id }) => {
    socket.join(session_id);
    socket.emit("chat_joined", { session_id });
  });
  socket.on("pass_on", (said, acknowledge) => {
    if (!socket.rooms.has(said.session_id)) return acknowledge({ success: false });
    tell(said, { id: 0, at: new Date() });
    acknowledge({ success: true, id: 0 });
  });
  socket.on("send_message", async (said, acknowledge) => {
    if (!socket.rooms.has(said.session_id) || !await isWithinLimit(said.session_id)) return acknowledge({ success: false });
    try {
      const stored = await store(said);
      tell(said, stored);
      acknowledge({ success: true, id: stored.id });
    } catch (error) {
      acknowledge({ success: false, message: String(error) });
    }
  });
});

// Before its memory is looked at: twice, since finalizers free more.
process.on("SIGUSR2", () => { globalThis.gc(); globalThis.gc(); });
process.stdin.on("end", () => process.exit(0)).resume();
http.listen(Number(process.env.PORT), "127.0.0.1");
