// <rg-recent>: the lessons uploaded on this device, so that leaving loses nothing. Names and ids only.
import { h, memory } from '../lib/dom.js';
import { ago } from '../lib/format.js';
import { taskAddress, watchAddress } from '../lib/route.js';
import { words } from '../lib/lessons.js';

/** The newest first, ten at most. */
export const recent = () => memory.read('recent', []).filter((item) => item?.task && item.rel);

export function remember(item) {
  memory.write('recent', [{ ...item, at: Date.now() }, ...recent().filter((other) => other.rel !== item.rel)].slice(0, 10));
  document.querySelectorAll('rg-recent').forEach((list) => list.show());
}

/** What a lesson was called here. */
export const titleOf = (rel) => recent().find((item) => item.rel === rel)?.title;

customElements.define('rg-recent', class extends HTMLElement {
  connectedCallback() { this.show(); }

  show() {
    const items = recent();
    this.replaceChildren(h('section', { class: 'card', 'aria-labelledby': 'recent-title' },
      h('h2', { id: 'recent-title' }, words.recent.title),
      items.length ? h('ul', { class: 'list' }, items.map((item) => h('li', {},
        h('a', { class: 'name', href: watchAddress(item.rel, { task: item.task }) }, item.title),
        h('span', { class: 'small soft mono' }, item.rel),
        h('span', { class: 'small soft' }, `${ago(item.at)} · `, h('a', { href: taskAddress(item.task), 'aria-label': `${words.recent.progress}: ${item.title}` }, words.recent.progress)))))
        : h('p', { class: 'soft' }, words.recent.empty)));
  }
});
