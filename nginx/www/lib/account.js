// Who is signed in. A refresh token is good for one use: two tabs that used the same one would look like a thief to the
// server, so only whoever holds the lock reads, uses and replaces it, in the one place that all tabs share (vault.js).
//
// Tells `change` (somebody signed in or out, here or in another tab) and `user` (what is known of the person changed).
import { json, Refusal, request } from './api.js';
import { read, write } from './vault.js';

const place = 'reelgate.account';
/** An access token is used until it has these milliseconds left. */
const early = 30000;
const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(place) : null;
export const account = new EventTarget();
/** {refresh, access, ends (ms, this device's clock), user}, or null. */
let held = null, renewing = null;

/** Resolves when it is known who is signed in. */
export const known = read().then((value) => { held = value; });
export const signedIn = () => held !== null;
export const me = () => held?.user ?? null;

const locked = (run) => navigator.locks ? navigator.locks.request(place, run) : run();
const fresh = () => held?.access && held.ends - Date.now() > early;
const as = (token) => ({ 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) });
const post = (path, body, token) => request(path, { method: 'POST', headers: as(token), body: JSON.stringify(body) });

async function keep(value) {
  const before = held;
  held = value;
  await write(value);
  channel?.postMessage(null);
  tell(before);
}
function tell(before) {
  if (before?.user?.id !== held?.user?.id) account.dispatchEvent(new Event('change'));
  else if (JSON.stringify(before?.user) !== JSON.stringify(held?.user)) account.dispatchEvent(new Event('user'));
}
channel?.addEventListener('message', async () => {
  const before = held;
  held = await read();
  tell(before);
});

/** Takes an answer of sign-in, registration or renewal. */
const take = ({ access_token: access, refresh_token: refresh, expires_in: seconds, user }) =>
  keep({ refresh, access, ends: Date.now() + seconds * 1000, user: user ?? held?.user ?? null });

export const signIn = (email, password, code) => locked(async () =>
  take(await json(post('/api/auth/login', { email, password, ...(code ? { totp: code } : {}) }))));
/** Whether the person is signed in by it; where an address is to be confirmed first, not yet. */
export const register = (name, email, password) => locked(async () => {
  const answer = await json(post('/api/auth/register', { name, email, password }));
  if (answer.access_token) await take(answer);
  return Boolean(answer.access_token);
});


/** Here, or on every device. Whatever the server says to it, this device forgets. */
export const signOut = (everywhere = false) => locked(async () => {
  held = await read();
  if (!held) return;
  await post('/api/auth/logout', { refresh_token: held.refresh, ...(everywhere ? { all: true } : {}) }, held.access).catch(() => {});
  await keep(null);
});

/** A new access token in place of `stale`: one request at a time over all tabs, none where another tab has made one. */
function renew(stale) {
  renewing ??= locked(async () => {
    const before = held;
    held = await read();
    tell(before);
    if (!held) throw new Refusal('credentials_missing', { status: 401 });
    if (fresh() && held.access !== stale) return;
    try {
      await take(await json(post('/api/auth/refresh', { refresh_token: held.refresh })));
    } catch (error) {
      if ([400, 401, 403].includes(error.status)) await keep(null);
      throw error;
    }
  }).finally(() => { renewing = null; });
  return renewing;
}

/** A request in the person's name; an access token that ended, or was ended, is renewed once. */
export async function signed(path, options = {}) {
  await known;
  if (!fresh()) await renew(held?.access);
  const used = held?.access;
  const ask = () => request(path, { ...options, headers: { ...options.headers, Authorization: `Bearer ${held?.access ?? ''}` } });
  try { return await ask(); } catch (error) {
    if (error.status !== 401) throw error;
    await renew(used);
    return ask();
  }
}

/** A word said while the page goes away: it is sent all the same, nobody waits for the answer. */
export function lastWord(path, method, body) {
  if (held?.access) request(path, { method, headers: as(held.access), body: JSON.stringify(body), keepalive: true, retries: 0 }).catch(() => {});
}

/** The person as the server knows him or her now, or as an answer has just said. */
export async function know(user) {
  user ??= await json(signed('/api/users/me'));
  return locked(async () => { held = await read(); if (held) await keep({ ...held, user }); return user; });
}

/** Another password: the server ends every sign-in, this one too, and begins another here. */
export async function changePassword(before, now) {
  const answer = await json(signed('/api/auth/password', { method: 'POST', headers: as(), body: JSON.stringify({ current_password: before, new_password: now }) }));
  return locked(() => take(answer));
}
