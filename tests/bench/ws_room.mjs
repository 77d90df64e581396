// What our hub is measured beside: npm's `ws` in its plain loop, one JSON text for all, sent to each client.

import { WebSocketServer } from "ws";

const html = "x".repeat(Number(process.argv[3] ?? 1100)); // as much as the fragment of a message
const server = new WebSocketServer({ port: Number(process.argv[2]), host: "127.0.0.1" });
let id = 0;
server.on("connection", (socket) => {
  socket.send(JSON.stringify({ type: "hello", now: Date.now(), last: id }));
  socket.on("message", (message) => {
    const { n, fields } = JSON.parse(String(message));
    id += 1;
    const text = JSON.stringify({ type: "event", id, kind: "chat.said", html: { message: html }, data: {} });
    const frame = text.replace('"data":{}', `"data": {"text": ${JSON.stringify(fields.text)}}`);
    for (const client of server.clients) if (client.readyState === 1) client.send(frame);
    socket.send(`{"type": "done", "n": ${n}, "data": {}}`);
  });
});
