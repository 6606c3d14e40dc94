// Figures as people read them, in the reader's own language.
const language = navigator.language;
const number = (digits) => new Intl.NumberFormat(language, { maximumFractionDigits: digits });
const one = number(1), none = number(0);
/** No time left above two days is worth a word. */
const longest = 172800;
const scales = [['GB', 1e9], ['MB', 1e6], ['kB', 1e3]];

/** Bytes: "58.2 MB". */
export function bytes(count) {
  for (const [unit, size] of scales) if (count >= size) return `${(count < 100 * size ? one : none).format(count / size)} ${unit}`;
  return `${none.format(count)} B`;
}

/** Bits a second: "2.6 Mb/s". */
export const bitRate = (bits) => bits >= 1e6 ? `${one.format(bits / 1e6)} Mb/s` : `${none.format(bits / 1e3)} kb/s`;

/** 0…1: "63 %". Never says 100 before it is done. */
export const percent = (part) => `${Math.floor(Math.min(1, Math.max(0, part)) * 100)} %`;

/** How fast something is made, in seconds of media a second: "3.4×"; nothing where that says nothing. */
export const pace = (speed) => speed >= 0.05 && speed < 10000 ? `${(speed < 10 ? one : none).format(speed)}×` : '';

/** Seconds on a clock: "1:02:03". */
export function clock(seconds) {
  if (!Number.isFinite(seconds)) return '–:––';
  const whole = Math.max(0, Math.floor(seconds)), h = Math.floor(whole / 3600), m = Math.floor(whole / 60) % 60;
  const two = (value) => String(value).padStart(2, '0');
  return h ? `${h}:${two(m)}:${two(whole % 60)}` : `${m}:${two(whole % 60)}`;
}

/** Seconds in words: "1 hr, 2 min, 3 sec" as the reader's language has it. */
export function spoken(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const parts = [[Math.floor(whole / 3600), 'hour'], [Math.floor(whole / 60) % 60, 'minute'], [whole % 60, 'second']]
    .filter(([count, unit], index) => count || (index === 2 && whole < 1))
    .map(([count, unit]) => new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count));
  return parts.join(', ');
}

/** Time left in steps that do not flicker: "about 2 min left". */
export function left(seconds) {
  if (!Number.isFinite(seconds) || seconds < 0 || seconds > longest) return '';
  if (seconds < 5) return 'a few seconds left';
  if (seconds < 60) return `about ${Math.ceil(seconds / 5) * 5} s left`;
  if (seconds < 3600) return `about ${Math.ceil(seconds / 60)} min left`;
  return `about ${one.format(seconds / 3600)} h left`;
}

/** A language by its tag, in the reader's language: "de" → "German"; a tag nobody knows stays itself. */
export function languageName(tag) {
  try { return new Intl.DisplayNames(language, { type: 'language' }).of(tag); } catch { return tag; }
}

/** A track's name: its language, and its label where that says more. */
export function trackName({ name = '', lang = '' }) {
  const known = lang && lang !== 'und' ? languageName(lang) : '';
  const same = [lang, known].some((other) => other.toLowerCase() === name.toLowerCase());
  return !known ? name || lang : same || !name ? known : `${known} (${name})`;
}

/** How long ago: "5 minutes ago". */
export function ago(time) {
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const seconds = (time - Date.now()) / 1000;
  for (const [unit, size] of [['day', 86400], ['hour', 3600], ['minute', 60]])
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  return relative.format(0, 'minute');
}

/** An id from any name: "Big Buck Bunny (final).mp4" → "big-buck-bunny-final". */
export const slug = (name) => name.normalize('NFKD').replace(/\.[^.]*$/, '').toLowerCase()
  .replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 64).replace(/-+$/, '') || 'lesson-1';

/** A title from a file name or an id: "big_buck-bunny.mp4" → "Big buck bunny". */
export function title(name) {
  const words = name.replace(/\.[a-z0-9]{2,4}$/i, '').replace(/[-_.\s]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
