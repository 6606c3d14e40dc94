// The only place that talks to the server. Every failure leaves as one type with a `code`.
// The API key lives in this module's memory and nowhere else: not in storage, not in an address.
let key = '';

/** Tells `change` when the key was given or forgotten. */
export const session = new EventTarget();
export const hasKey = () => key !== '';
export const keyName = () => key.split('_').slice(0, 2).join('_');
export function setKey(value) {
  key = value.trim();
  session.dispatchEvent(new Event('change'));
}

/** What the server, or the way to it, said no with. `code` is stable (see text.js); `requestId` finds the log line. */
export class Refusal extends Error {
  constructor(code, { status = 0, detail = '', requestId = '', retryAfter = 0 } = {}) {
    super(detail || code);
    Object.assign(this, { code, status, detail, requestId, retryAfter });
  }
}

const wait = (seconds, signal) => new Promise((resolve, reject) => {
  const timer = setTimeout(resolve, seconds * 1000);
  signal?.addEventListener('abort', () => { clearTimeout(timer); reject(new Refusal('aborted')); }, { once: true });
});

/** A problem body (RFC 9457) as a Refusal; an answer of another shape still gives one. */
function refusal(status, text, header) {
  let problem = {};
  try { problem = JSON.parse(text); } catch { /* not ours: the status must do */ }
  const fallback = status >= 500 || status === 0 ? 'unreachable' : 'refused';
  return new Refusal(problem?.code || header('X-Reelgate-Reason') || fallback, {
    status, detail: typeof problem?.detail === 'string' ? problem.detail : '',
    requestId: problem?.request_id || '', retryAfter: Number(header('Retry-After')) || 0,
  });
}

/** One request. GET is asked again, up to twice, when the way there failed or the server asked for patience. */
async function request(path, { method = 'GET', headers = {}, signal, body, cache = 'no-store', seconds = 20, retries = method === 'GET' ? 2 : 0 } = {}) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const limit = AbortSignal.timeout(seconds * 1000);
      const answer = await fetch(path, {
        method, headers, body, cache, credentials: 'same-origin', redirect: 'error',
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      }).catch((error) => {
        if (signal?.aborted) throw new Refusal('aborted');
        throw new Refusal(navigator.onLine ? error.name === 'TimeoutError' ? 'timeout' : 'unreachable' : 'offline');
      });
      if (!answer.ok) throw refusal(answer.status, await answer.text(), (name) => answer.headers.get(name));
      return answer;
    } catch (error) {
      const passing = error.status === 503 || ['unreachable', 'timeout'].includes(error.code);
      if (!passing || attempt >= retries) throw error;
      await wait(Math.min(error.retryAfter || 0.5 * 2 ** attempt, 8), signal);
    }
  }
}

const withKey = () => ({ 'X-API-Key': key });
const json = async (answer) => (await answer).json();

/** Whether the key given is one: asks for a task that cannot be. */
export async function checkKey(candidate) {
  try {
    await request('/api/tasks/00000000-0000-4000-8000-000000000000', { headers: { 'X-API-Key': candidate.trim() } });
  } catch (error) {
    if (error.status !== 404) throw error;
  }
}

export const task = (id, signal) =>
  json(request(`/api/tasks/${encodeURIComponent(id)}`, { headers: withKey(), signal, retries: 0 }));
export const cancelTask = (id) => request(`/api/tasks/${encodeURIComponent(id)}`, { method: 'DELETE', headers: withKey() });

const captionsOf = (rel, language) => `/api/videos/${encodeURIComponent(rel)}/captions${language ? `/${encodeURIComponent(language)}` : ''}`;

/** The captions of a lesson: {language, label, state: waiting or published, origin: uploaded or file}. */
export async function captions(rel) {
  const answer = await json(request(captionsOf(rel), { headers: withKey() }));
  return Array.isArray(answer) ? answer : answer.items ?? [];
}

/** Adds a file of captions (SRT or WebVTT, found by its content), or takes the place of those in its language. */
export const putCaptions = (rel, language, label, file) =>
  request(`${captionsOf(rel, language)}${label ? `?label=${encodeURIComponent(label)}` : ''}`,
    { method: 'PUT', headers: { ...withKey(), 'Content-Type': /\.srt$/i.test(file.name) ? 'application/x-subrip' : 'text/vtt' }, body: file, seconds: 120 });
export const removeCaptions = (rel, language) => request(captionsOf(rel, language), { method: 'DELETE', headers: withKey() });

/** A playback token for one lesson; with `sessionId` the same session goes on. */
export function token({ rel, user, sessionId, signal }) {
  const query = new URLSearchParams({ user_id: user, rel, platform: 'web' });
  if (sessionId) query.set('session_id', sessionId);
  return json(request(`/api/get-video-token/v2?${query}`, { headers: withKey(), signal }));
}

const withToken = (token) => token ? { Authorization: `Bearer ${token}` } : {};

/** Why (or whether) a playlist is refused: its text, or a Refusal. */
export const playlist = async (url, token, retries = 0) => (await request(url, { headers: withToken(token), retries })).text();

/** What stands beside a lesson, as `text` or `blob`; the browser may keep it. */
export const beside = async (url, token, kind) => (await request(url, { headers: withToken(token), cache: 'default' }))[kind]();

/** The address of ours that an absolute one names: pages and media share one origin. */
export const local = (url) => new URL(url, location.href).pathname;

/** Sends a lesson as multipart. `progress(sent, total)` counts the file's bytes on the wire. */
export function sendLesson(fields, file, { progress, signal }) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value) body.append(name, value);
  body.append('video', file, file.name);
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open('POST', '/upload/lesson');
    call.setRequestHeader('X-API-Key', key);
    call.upload.onprogress = (event) => progress(Math.min(event.loaded, file.size), file.size);
    call.onload = () => {
      if (call.status !== 202) reject(refusal(call.status, call.responseText, (name) => call.getResponseHeader(name)));
      else try { resolve(JSON.parse(call.responseText)); } catch { reject(new Refusal('unreachable', { status: 202 })); }
    };
    call.onerror = () => reject(new Refusal(navigator.onLine ? 'unreachable' : 'offline'));
    call.onabort = () => reject(new Refusal('aborted'));
    signal.addEventListener('abort', () => call.abort(), { once: true });
    call.send(body);
  });
}

const post = (path, body) => request(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

/** Has a link mailed to choose a new password; the answer says nothing about who has an account. */
export const askForPassword = (email) => post('/api/auth/password-reset', { email });
/** Chooses a new password with a mailed link's secret. */
export const setPassword = (token, password) => post('/api/auth/password-reset/confirm', { token, new_password: password });
/** Confirms an address with a mailed link's secret. */
export const confirmAddress = (token) => post('/api/auth/verify/confirm', { token });
