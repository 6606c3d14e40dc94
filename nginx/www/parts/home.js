// <rg-home>: the rows one begins with. Each comes by itself; one that fails is left out, and only where all do it is said.
import { me } from '../lib/account.js';
import * as catalog from '../lib/catalog.js';
import { h } from '../lib/dom.js';
import { searchAddress } from '../lib/places.js';
import { words as shared } from '../lib/text.js';
import { words } from '../lib/words.js';
import { notice } from './notice.js';
import { rail } from './rail.js';
import { tile } from './tile.js';

const text = words.home, genresShown = 3;

customElements.define('rg-home', class extends HTMLElement {
  #stop = null;

  show() {
    this.#stop?.abort();
    const { signal } = this.#stop = new AbortController();
    const unfinished = async () => (await catalog.history({ limit: 20 }, signal)).items.filter((item) => item.resume_position > 0);
    const items = async (call) => (await call).items;
    this.heading = h('h1', { class: 'away' }, text.heading);
    const rails = [
      rail(text.go, unfinished, { draw: (item) => tile(item.content, { seen: item, play: true, eager: true }), more: '/browse?history' }),
      rail(text.personal, () => items(catalog.recommended('personalized', { limit: 20 }, signal)), { draw: (item) => tile(item, { eager: true }) }),
      rail(text.trending, () => items(catalog.recommended('trending', { limit: 20 }, signal))),
      rail(text.list, () => items(catalog.favorites({ limit: 20 }, signal)), { more: '/browse?favorites' }),
    ];
    this.rest = h('div', { class: 'rails' });
    this.replaceChildren(this.heading, ...rails.map(({ element }) => element), this.rest);
    this.#genres(signal).then((more) => this.#settle([...rails, ...more], signal));
  }

  hide() { this.#stop?.abort(); }

  /** The genres with most titles, each as a row of its own. */
  async #genres(signal) {
    const found = await catalog.titles({ limit: 1, facets: true }, signal).catch(() => null);
    const genres = catalog.facet(found, 'genre').slice(0, genresShown).map(({ value }) => value);
    const rows = genres.map((genre) => rail(text.popular(genre), async () => (await catalog.recommended('popular', { genre, limit: 20 }, signal)).items, { more: searchAddress({ genre }) }));
    this.rest.replaceChildren(...rows.map(({ element }) => element));
    return rows;
  }

  async #settle(rails, signal) {
    const counts = await Promise.all(rails.map(({ ready }) => ready));
    if (signal.aborted || !me() || counts.some((count) => count > 0)) return;
    const failure = rails.map(({ element }) => element.failure).find(Boolean);
    const [what, next] = text.empty;
    this.rest.replaceChildren(failure ? notice(failure, h('button', { type: 'button', class: 'primary', onclick: () => this.show() }, shared.again))
      : h('div', { class: 'card empty' }, h('h2', {}, what), h('p', { class: 'soft' }, next)));
  }
});
