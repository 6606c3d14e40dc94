// The catalogue and what a person has to do with it, as the API answers: titles, recommendations, history, favourites, playing.
import { know, lastWord, me, signed } from './account.js';
import { json } from './api.js';

const get = (path, signal) => json(signed(path, { signal }));
const send = (path, method, body, more) => signed(path, { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), ...more });
const id = (value) => encodeURIComponent(value);
const query = (values) => {
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return pairs.length ? `?${new URLSearchParams(pairs)}` : '';
};
/** One shape for lists that name their cursor and lists that are bare. */
const page = (answer) => Array.isArray(answer) ? { items: answer, next: null, facets: null } : { items: answer.items ?? [], next: answer.next_cursor ?? null, facets: answer.facets ?? null };
const own = (rest) => `/api/users/${id(me().id)}/${rest}`;

/** Titles by filters: {search, type, genre, year, language, sort, facets, limit, cursor}. */
export const titles = async (filters, signal) => page(await get(`/api/content${query(filters)}`, signal));
/** One title; a series carries its seasons. */
export const title = (which, signal) => get(`/api/content/${id(which)}`, signal);

/** `trending`, `personalized`, `popular` (with a genre) or `similar/<id>`: titles, each with its `reason`. */
export const recommended = async (kind, filters = {}, signal) => page(await get(`/api/recommendations/${kind}${query(filters)}`, signal));

/** What lists of a person's carry: the title's card, in the shape a title has. Lessons that are no titles are not for this page. */
const cards = (items) => items.filter((item) => item.content_id).map((item) => ({ ...item, content: { ...item, id: item.content_id } }));

/** Where the person stands, newest first: {content, position, resume_position, duration, completed, watched_at}. */
export async function history(filters = {}, signal) {
  const { items, next } = page(await get(own(`history${query(filters)}`), signal));
  return { items: cards(items), next };
}
export const forget = (content) => signed(own(`history/${id(content)}`), { method: 'DELETE' });
export const forgetAll = () => signed(own('history'), { method: 'DELETE' });

export async function favorites(filters = {}, signal) {
  const { items, next } = page(await get(own(`favorites${query(filters)}`), signal));
  return { items: cards(items).map(({ content }) => content), next };
}
export const addFavorite = (content) => send(own('favorites'), 'POST', { content_id: content });
export const removeFavorite = (content) => signed(own(`favorites/${id(content)}`), { method: 'DELETE' });

/** Begins to play: {session_id, token, playlist_url, path_playlist_url, expires_in, resume_position}. */
export const play = (content) => json(send('/api/streaming/session', 'POST', { content_id: content, device: 'web' }));
/** Tells where it stands, in seconds; the answer carries a new token of the session. */
export const report = (session, position, state) => json(send(`/api/streaming/session/${id(session)}`, 'PUT', { position, state }));
export const reportLast = (session, position, state) => lastWord(`/api/streaming/session/${id(session)}`, 'PUT', { position, state });
/** Nothing plays any more: the place among the streams is free. */
export const endLast = (session, position) => lastWord(`/api/streaming/session/${id(session)}/end`, 'POST', { position });

/** Changes name, language or preferences. */
export async function change(fields) {
  const user = await json(send(`/api/users/${id(me().id)}`, 'PUT', fields));
  await know(user);
  return user;
}

/** The values of one facet, most frequent first: {value, count}. */
export function facet(found, name) {
  return (found?.facets?.[name] ?? []).filter(({ value }) => value);
}
