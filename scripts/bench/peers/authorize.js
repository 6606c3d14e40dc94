// The question "may this viewer have this file, now?" as a site in Node answers it: an HS256 JWT for the lesson asked for.
// node authorize.js SOCKET PROCESSES
const cluster = require('node:cluster'), crypto = require('node:crypto'), http = require('node:http');
const [, , socket, processes] = process.argv;
const bearer = /^Bearer ([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/, lesson = /^\/hls2\/([^/]+\/[^/]+\/[^/]+\/[^/]+)\//;

function status(request) {
  const found = bearer.exec(request.headers.authorization || '');
  if (!found) return 401;
  const [, head, payload, mac] = found;
  let claims;
  try {
    if (JSON.parse(Buffer.from(head, 'base64url')).alg !== 'HS256') return 401;
    const expected = crypto.createHmac('sha256', process.env.SECRET_KEY).update(`${head}.${payload}`).digest();
    const given = Buffer.from(mac, 'base64url');
    if (given.length !== expected.length || !crypto.timingSafeEqual(given, expected)) return 401;
    claims = JSON.parse(Buffer.from(payload, 'base64url'));
  } catch { return 401; }
  if (!Number.isInteger(claims.exp) || claims.exp <= Date.now() / 1000) return 401;
  const asked = lesson.exec(request.headers['x-uri'] || '');
  return asked && claims.rel === asked[1] ? 204 : 403;
}

if (cluster.isPrimary) {
  for (let i = 0; i < Number(processes); i++) cluster.fork();
} else {
  http.createServer((request, response) => { response.writeHead(status(request)); response.end(); }).listen(socket);
  process.on('disconnect', () => process.exit());
}
