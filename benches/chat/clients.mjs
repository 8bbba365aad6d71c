// Real Socket.IO clients, some of whom say something at a steady pace while others wait to see it. The plan comes over the standard
// input; how long each message took, from being sent to being shown, goes to the standard output in ms.
import { text } from "node:stream/consumers";

import { io } from "socket.io-client";

const { event, rate, seconds, talks } = JSON.parse(await text(process.stdin));
const sent = new Map();
const heard = new Map();
const refused = [];
let doubles = 0;

function connect({ session_id, cookie }, port) {
  const socket = io(`http://127.0.0.1:${port}`, { transports: ["websocket"], forceNew: true, reconnection: false, extraHeaders: { Cookie: cookie } });
  return new Promise((joined, failed) => {
    socket.on("connect", () => socket.emit("join_chat", { session_id }));
    socket.on("chat_joined", () => joined(socket));
    socket.on("connect_error", failed);
    socket.on("error", ({ code }) => failed(new Error(`joining was refused: ${code}`)));
  });
}

async function open(talk) {
  const [sender, listener] = await Promise.all([connect(talk, talk.from), connect(talk, talk.to)]);
  listener.on("new_message", ({ message: { client_id: id } }) => {
    if (!sent.has(id)) return;
    if (heard.has(id)) doubles += 1;
    else heard.set(id, performance.now() - sent.get(id));
  });
  return { ...talk, sender };
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const open_talks = [];
for (const talk of talks) open_talks.push(await open(talk));
await pause(1000);

const began = performance.now();
for (let n = 0; n < rate * seconds; n += 1) {
  // Not all in step: each at a moment of its own within its share of the second.
  await pause(began + ((n + Math.random()) * 1000) / rate - performance.now());
  const { sender, session_id } = open_talks[n % open_talks.length];
  const client_id = `delay-${n}`;
  sent.set(client_id, performance.now());
  sender.emit(event, { session_id, message: `Is my parcel on its way? ${n}`, client_id }, (answer) => {
    if (!answer.success) refused.push(answer.code ?? answer.message);
  });
}
for (let waited = 0; heard.size < sent.size && waited < 8000; waited += 50) await pause(50);
process.stdout.write(JSON.stringify({ sent: sent.size, delays: [...heard.values()], doubles, refused }), () => process.exit(0));
