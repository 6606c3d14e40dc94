// <rg-results>: what a search found: titles, the filters with how many titles each would leave, and more on request. An answer that an older
// question gets is passed over.
import * as catalog from '../lib/catalog.js';
import { h } from '../lib/dom.js';
import { languageName } from '../lib/format.js';
import { searchAddress } from '../lib/places.js';
import { go } from '../lib/route.js';
import { words as shared } from '../lib/text.js';
import { words } from '../lib/words.js';
import { notice } from './notice.js';
import { ghost, tile } from './tile.js';

const text = words.search, size = 24;

customElements.define('rg-results', class extends HTMLElement {
  #stop = null; #place = null; #shown = 0; #facets = null;

  connectedCallback() {
    if (this.list) return;
    this.heading = h('h1', {}, text.heading);
    this.said = h('p', { class: 'soft', role: 'status' });
    this.filters = h('form', { class: 'filters', 'aria-label': text.filters, onchange: () => this.#filtered(), onsubmit: (event) => event.preventDefault() });
    this.list = h('ul', { class: 'grid' });
    this.more = h('button', { type: 'button', hidden: true, onclick: () => this.#more() }, text.more);
    this.notes = h('div', { class: 'notes' });
    this.replaceChildren(h('div', { class: 'spread' }, this.heading, this.said), this.filters, this.notes, this.list, this.more);
  }

  hide() { this.#stop?.abort(); this.#place = null; }

  async show(place) {
    const first = !this.#place;
    this.#stop?.abort();
    const { signal } = this.#stop = new AbortController();
    this.#place = place;
    this.setAttribute('aria-busy', 'true');
    if (first) { this.list.replaceChildren(...Array.from({ length: 12 }, () => h('li', {}, ghost()))); this.said.textContent = text.busy; this.#draw(); }
    try {
      const found = await catalog.titles({ ...this.#asked(), facets: true, limit: size }, signal);
      this.#facets = found.facets;
      this.#draw();
      this.#shown = found.items.length;
      this.notes.replaceChildren(...(found.items.length ? [] : [h('div', { class: 'card empty' }, h('h2', {}, text.none(place.search)), h('p', { class: 'soft' }, text.noneHint))]));
      this.list.replaceChildren(...found.items.map((item) => h('li', {}, tile(item))));
      this.#count(found.next);
    } catch (error) {
      if (error.code === 'aborted') return;
      this.list.replaceChildren();
      this.said.textContent = '';
      this.more.hidden = true;
      this.notes.replaceChildren(notice(error, h('button', { type: 'button', class: 'primary', onclick: () => this.show(this.#place) }, shared.again)));
    }
    this.removeAttribute('aria-busy');
  }

  #asked() { const { view, ...filters } = this.#place; return filters; }

  #count(next) {
    this.next = next;
    this.more.hidden = !next;
    this.said.textContent = this.#shown ? text.found(this.#shown, next) : '';
  }

  async #more() {
    const { signal } = this.#stop;
    this.more.disabled = true;
    try {
      const found = await catalog.titles({ ...this.#asked(), limit: size, cursor: this.next }, signal);
      const added = found.items.map((item) => h('li', {}, tile(item)));
      this.list.append(...added);
      added[0]?.querySelector('a').focus();
      this.#shown += added.length;
      this.#count(found.next);
    } catch (error) { if (error.code !== 'aborted') this.notes.replaceChildren(notice(error)); } finally { this.more.disabled = false; }
  }

  /** One choice a filter, with what is chosen always among them. */
  #draw() {
    const place = this.#place, values = (name, chosen, label = (value) => value) => {
      const list = catalog.facet({ facets: this.#facets }, name).slice(0, 30);
      if (chosen && !list.some(({ value }) => value === chosen)) list.unshift({ value: chosen });
      return list.map(({ value, count }) => [value, count === undefined ? label(value) : `${label(value)} (${count})`]);
    };
    const field = (name, options) => {
      const select = this.filters.elements[name] ?? null, shape = JSON.stringify([options, place[name]]);
      if (select?.dataset.shape === shape) return;
      const made = select ?? h('select', { id: `filter-${name}`, name });
      made.dataset.shape = shape;
      made.replaceChildren(...options.map(([value, label]) => h('option', { value, selected: value === place[name] }, label)));
      made.value = place[name];
      if (!select) this.filters.append(h('div', { class: 'field' }, h('label', { for: made.id }, text[name]), made));
    };
    const types = words.tile;
    field('type', [['', text.any], ['movie', types.movie], ['series', types.series], ['episode', types.episode]]);
    field('genre', [['', text.any], ...values('genre', place.genre)]);
    field('year', [['', text.any], ...values('year', place.year).sort((a, b) => b[0] - a[0])]);
    field('language', [['', text.any], ...values('language', place.language, languageName)]);
    field('sort', Object.entries(text.sorts));
  }

  #filtered() {
    const chosen = Object.fromEntries(new FormData(this.filters));
    go(searchAddress({ search: this.#place.search, ...chosen }), { replace: true });
  }
});
