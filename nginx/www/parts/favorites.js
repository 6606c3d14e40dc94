// <rg-favorites>: the titles a person keeps, newest first.
import * as catalog from '../lib/catalog.js';
import { h } from '../lib/dom.js';
import { words as shared } from '../lib/text.js';
import { words } from '../lib/words.js';
import { words as person } from '../lib/words-person.js';
import { notice } from './notice.js';
import { ghost, tile } from './tile.js';

const text = words.favorites;

customElements.define('rg-favorites', class extends HTMLElement {
  #stop = null;

  hide() { this.#stop?.abort(); }

  async show() {
    this.hide();
    const { signal } = this.#stop = new AbortController();
    this.notes = h('div', { class: 'notes' });
    this.list = h('ul', { class: 'grid', 'aria-busy': 'true' }, Array.from({ length: 6 }, () => h('li', {}, ghost())));
    this.more = h('button', { type: 'button', hidden: true, onclick: () => this.#load(signal) }, words.search.more);
    this.replaceChildren(h('h1', {}, text.heading), this.notes, this.list, this.more);
    this.cursor = undefined;
    await this.#load(signal);
  }

  async #load(signal) {
    const first = this.cursor === undefined, [what, next] = text.empty;
    this.more.disabled = true;
    try {
      const found = await catalog.favorites({ limit: 40, cursor: this.cursor }, signal);
      const tiles = found.items.map((item) => h('li', {}, tile(item)));
      if (first) this.list.replaceChildren(...tiles);
      else { this.list.append(...tiles); tiles[0]?.querySelector('a').focus(); }
      this.cursor = found.next;
      this.more.hidden = !found.next;
      if (first && !tiles.length) this.notes.replaceChildren(h('div', { class: 'card empty' }, h('h2', {}, what), h('p', { class: 'soft' }, next), h('a', { class: 'button', href: '/browse' }, person.history.find)));
    } catch (error) {
      if (error.code === 'aborted') return;
      if (first) this.list.replaceChildren();
      this.notes.replaceChildren(notice(error, h('button', { type: 'button', class: 'primary', onclick: () => this.show() }, shared.again)));
    } finally { this.more.disabled = false; this.list.removeAttribute('aria-busy'); }
  }
});
