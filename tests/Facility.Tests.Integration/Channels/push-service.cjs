// A push service and a browser in one, for tests: it judges the server's token (RFC 8292) with Node's own crypto and reads messages with
// http_ece, the library of the RFC's author. Its arguments: the time in seconds that tokens are judged at.
// It prints {"port", "keys"}; GET /shown tells what the browser shows, by topic as a push service replaces it.
const crypto = require('crypto');
const http = require('http');
const ece = require('http_ece');

const now = Number(process.argv[2]);
const browser = crypto.createECDH('prime256v1');
const keys = { p256dh: browser.generateKeys('base64url', 'uncompressed'), auth: crypto.randomBytes(16).toString('base64url') };
const shown = new Map();
const hanging = [];

function judge(headers) {
  const [, token, k] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(headers.authorization ?? '') ?? [];
  if (!token) return 'no vapid token';
  const point = Buffer.from(k, 'base64url');
  const key = crypto.createPublicKey({ format: 'jwk',
    key: { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') } });
  const [header, claims, signature] = token.split('.');
  if (!crypto.verify('sha256', Buffer.from(`${header}.${claims}`), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))) return 'its signature is wrong';
  const { aud, exp, sub } = JSON.parse(Buffer.from(claims, 'base64url'));
  if (aud !== `http://${headers.host}`) return `aud is ${aud}`;
  if (!(exp > now && exp <= now + 24 * 3600)) return `exp is ${exp}`;
  if (!sub?.startsWith('mailto:')) return `sub is ${sub}`;
  if (headers['content-encoding'] !== 'aes128gcm') return 'content-encoding is not aes128gcm';
  if (!/^\d+$/.test(headers.ttl ?? '')) return 'no ttl';
  if (!/^[\w-]{1,32}$/.test(headers.topic ?? '')) return `topic is ${headers.topic}`;
  return null;
}

const server = http.createServer((request, response) => {
  const answer = (status, text = '', headers = {}) => response.writeHead(status, headers).end(text);
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const what = request.url.split('/')[1];
    if (request.url === '/shown') return answer(200, JSON.stringify([...shown.values()]));
    if (request.url === '/hanging') return answer(200, JSON.stringify(hanging.length));
    if (/^\d+$/.test(what)) return answer(Number(what), `no: ${request.url}\r\nfor ever `.padEnd(100000, 'x'), { location: '/ok/elsewhere' });
    if (what === 'hang') return hanging.push(response);
    if (what === 'half') { hanging.push(response); return response.writeHead(503, { 'content-length': 1000 }).write('wai'); }
    if (what === 'drop') return request.socket.destroy();
    try {
      const problem = judge(request.headers);
      if (problem) return answer(403, problem);
      const body = Buffer.concat(chunks);
      if (body.length > 4096) return answer(413, 'too large');
      const text = ece.decrypt(body, { version: 'aes128gcm', privateKey: browser, authSecret: keys.auth });
      shown.set(request.headers.topic, { ...JSON.parse(text), urgency: request.headers.urgency, ttl: Number(request.headers.ttl) });
      answer(201, '', { location: '/message/1' });
    } catch (error) {
      answer(400, String(error));
    }
  });
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port, keys })));
