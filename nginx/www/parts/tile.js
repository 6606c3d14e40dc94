// A title as a small card that leads to its page: poster or its initials, name, facts, how far one is, why it is shown.
import { h, icon } from '../lib/dom.js';
import { clock } from '../lib/format.js';
import { playAddress, titleAddress } from '../lib/places.js';
import { words as own } from '../lib/words.js';

const text = own.tile;

/** A calm colour of its own for a title without a poster: one of twelve classes, the same each time. */
export const hue = (name) => `hue-${[...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 12, 7)}`;
const initials = (name) => name.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).slice(0, 2).map((word) => [...word][0].toLocaleUpperCase()).join('');

/** The poster; its place is kept before it is there, and its name stands in when it can't be had. */
export function poster({ title, poster: url }, eager) {
  const frame = h('span', { class: `poster-frame ${hue(title)}`, 'aria-hidden': 'true' }, h('span', { class: 'initials' }, initials(title)));
  const allowed = url && URL.canParse(url, location.href) && ['http:', 'https:'].includes(new URL(url, location.href).protocol);
  if (allowed) frame.append(h('img', { src: url, alt: '', width: 320, height: 180, loading: eager ? 'eager' : 'lazy', decoding: 'async', referrerpolicy: 'no-referrer', onerror: (event) => event.target.remove() }));
  return frame;
}

/** "2021 · Series · ★ 7.9 · 12" as far as it is known. */
export const facts = (content) => [content.release_year, content.type === 'series' && text.series, content.type === 'episode' && place(content), content.maturity].filter(Boolean).join(' · ');
/** "S1 E3" */
export const place = ({ season, episode }) => season == null ? text.episode : `S${season} E${episode}`;
const reasonOf = ({ reason }) => typeof reason === 'string' ? reason : reason?.text ?? '';

/** A mark where a title needs more than the free level. */
export const level = ({ required_level: name }) => text.level[name] ? h('span', { class: 'level-mark' }, icon('lock'), text.level[name]) : null;

/** A bar of how far one is in what one can go on with; else whether one has seen it whole. */
export function progress({ resume_position: at, duration, completed }) {
  if (!(at > 0)) return completed ? h('span', { class: 'small good' }, `✓ ${text.watched}`) : null;
  if (!(duration > 0)) return null;
  const bar = h('span', { class: 'seen', 'aria-hidden': 'true' }, h('span', {}));
  bar.firstChild.style.inlineSize = `${Math.min(100, at / duration * 100)}%`;
  return [bar, h('span', { class: 'small soft' }, text.left(clock(Math.max(0, duration - at))))];
}

/** `more`: {seen: where one stands, play: the card plays at once, eager}. */
export function tile(content, { seen, play, eager } = {}) {
  const name = h('span', { class: 'tile-name' }, content.title), why = reasonOf(content);
  return h('a', { class: 'tile', href: (play ? playAddress : titleAddress)(content.id) },
    poster(content, eager), level(content), name,
    h('span', { class: 'small soft' }, facts(content)),
    seen && progress(seen), why && h('span', { class: 'small why' }, why));
}

/** The grey shape of a tile while titles load. */
export const ghost = () => h('span', { class: 'tile ghost', 'aria-hidden': 'true' }, h('span', { class: 'poster-frame' }), h('span', { class: 'bar' }), h('span', { class: 'bar short' }));
