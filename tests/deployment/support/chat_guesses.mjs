// Tries session ids that are none of its own, over as many sockets as it takes, and prints: tries, refusals, frames of a conversation.
import { createRequire } from "node:module";
import { randomBytes } from "node:crypto";

const { io } = createRequire(new URL("../../browser/package.json", import.meta.url))("socket.io-client");
const [url, wanted, token] = [process.argv[2], Number(process.argv[3]), process.argv[4]];
let tried = 0, refused = 0, frames = 0;

// A socket is closed after some dozens of refusals; each one ends when it is.
const attack = () => new Promise((done) => {
  const socket = io(url, { transports: ["websocket"], forceNew: true, reconnection: false });
  const end = setTimeout(() => socket.disconnect(), 8000);
  socket.onAny((event) => {
    if (event === "error") refused += 1;
    else if (event !== "connection_response" && event !== "support_presence") frames += 1;
  });
  socket.on("connect", () => {
    for (let n = 0; n < 60; n += 1) {
      tried += 1;
      const session_id = n % 5 === 0 ? token : randomBytes(32).toString("base64url");
      if (n % 3 === 2) socket.emit("send_message", { session_id, message: "x" });
      else socket.emit("join_chat", { session_id, after: 0 });
    }
  });
  for (const over of ["disconnect", "connect_error"]) socket.on(over, () => { clearTimeout(end); done(); });
});
while (tried < wanted) await Promise.all(Array.from({ length: 4 }, attack));
console.log(tried, refused, frames);
process.exit(0);
