// A chat on npm `ws`: what one client says goes to everyone. Arguments: port, file of received texts.
'use strict';

const { appendFileSync } = require('node:fs');
const { WebSocket, WebSocketServer } = require('ws');

const [port, received] = process.argv.slice(2);
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port) });

server.on('connection', (client) => {
  client.on('error', () => client.terminate());
  client.on('ping', () => console.log('ping'));
  client.on('close', (code) => console.log(`closed ${code}`));
  client.on('message', (data, isBinary) => {
    const text = isBinary ? data : data.toString();
    if (!isBinary) {
      appendFileSync(received, `${JSON.stringify(text)}\n`);
      const close = /^\/close (\d{4}) ?(.*)$/.exec(text);
      if (close) {
        client.close(Number(close[1]), close[2]);
        return;
      }
    }
    for (const other of server.clients) {
      if (other.readyState === WebSocket.OPEN) {
        other.send(text);
      }
    }
  });
});

process.on('SIGTERM', () => {
  for (const client of server.clients) {
    client.close(1001, 'going away');
  }
  server.close(() => process.exit(0));
});
