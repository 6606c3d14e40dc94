// A row of titles that scrolls sideways: by finger, wheel, Tab, or its two buttons. Hides where there is nothing to show.
import { h, icon } from '../lib/dom.js';
import { words } from '../lib/words.js';
import { ghost, tile } from './tile.js';

const text = words.rail;
let count = 0;

/** `load()` gives the titles, or a list of nodes through `draw`; resolves to how many there were, -1 where it failed. */
export function rail(name, load, { draw = (item) => tile(item), more, ghosts = 6 } = {}) {
  const id = `rail-${count += 1}`, row = h('ul', { class: 'rail-row', tabindex: '-1' }, Array.from({ length: ghosts }, () => h('li', {}, ghost())));
  const step = (way) => row.scrollBy({ left: way * row.clientWidth * 0.85 * (getComputedStyle(row).direction === 'rtl' ? -1 : 1), behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
  const back = h('button', { type: 'button', class: 'quiet', 'aria-label': text.less(name), onclick: () => step(-1), hidden: true }, icon('back'));
  const on = h('button', { type: 'button', class: 'quiet', 'aria-label': text.more(name), onclick: () => step(1), hidden: true }, icon('on'));
  const element = h('section', { class: 'rail', 'aria-labelledby': id, 'aria-busy': 'true' },
    h('div', { class: 'spread' }, h('h2', { id }, more ? h('a', { href: more }, name) : name), h('span', { class: 'row' }, back, on)), row);
  const measure = () => {
    const room = row.scrollWidth - row.clientWidth, at = Math.abs(row.scrollLeft);
    back.hidden = on.hidden = room < 8;
    back.disabled = at < 8;
    on.disabled = at > room - 8;
  };
  row.addEventListener('scroll', measure, { passive: true });
  new ResizeObserver(measure).observe(row);
  const ready = load().then((items) => {
    element.hidden = !items.length;
    row.replaceChildren(...items.map((item) => h('li', {}, draw(item))));
    return items.length;
  }, (error) => {
    if (error.code === 'aborted') return 0;
    element.hidden = true;
    element.failure = error;
    return -1;
  }).finally(() => { element.removeAttribute('aria-busy'); measure(); });
  return { element, ready };
}
