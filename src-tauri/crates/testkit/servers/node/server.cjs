// A chat on npm `ws`: what one client says goes to everyone. Arguments: port, file of received texts. At /basic, /token
// and /cookie it lets in only alice with the password `secret`, the token `secret`, and the cookie `sid=secret`.
'use strict';

const { appendFileSync } = require('node:fs');
const { WebSocket, WebSocketServer } = require('ws');

const [port, received] = process.argv.slice(2);

const BASIC = `Basic ${Buffer.from('alice:secret').toString('base64')}`;

function lacks({ url, headers }) {
  const { pathname, searchParams } = new URL(url, 'http://here');
  switch (pathname) {
    case '/basic':
      return headers.authorization === BASIC ? 0 : 401;
    case '/token':
      return searchParams.get('token') === 'secret' || headers.authorization === 'Bearer secret' ? 0 : 403;
    case '/cookie':
      return /(^|; )sid=secret(;|$)/.test(headers.cookie ?? '') ? 0 : 401;
    default:
      return 0;
  }
}

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(port),
  verifyClient: ({ req }, answer) => {
    const status = lacks(req);
    answer(status === 0, status, 'not you', status === 401 ? { 'WWW-Authenticate': 'Basic realm="test"' } : {});
  },
});

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
