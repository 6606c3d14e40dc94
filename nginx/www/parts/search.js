// <rg-search>: the field in the head of the page. What is typed is looked for a moment after the last key; Escape clears,
// ArrowDown goes to the first title found.
import { h, icon } from '../lib/dom.js';
import { searchAddress } from '../lib/places.js';
import { go } from '../lib/route.js';
import { words } from '../lib/words.js';

const text = words.search;
/** Milliseconds without a key before it is looked for. */
const pause = 200;

customElements.define('rg-search', class extends HTMLElement {
  #timer = 0; #left = '/browse'; #filters = {};

  connectedCallback() {
    if (this.input) return;
    this.input = h('input', { id: 'search', type: 'search', placeholder: text.label, 'aria-label': text.heading, maxlength: 100, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', enterkeyhint: 'search' });
    this.replaceChildren(h('form', { role: 'search', onsubmit: (event) => { event.preventDefault(); this.#look(); this.input.value.trim() && this.#toResults(); } }, icon('search'), this.input));
    this.input.addEventListener('input', () => { clearTimeout(this.#timer); this.#timer = setTimeout(() => this.#look(), pause); });
    this.input.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.input.value) { event.preventDefault(); this.input.value = ''; this.#look(); }
      if (event.key === 'ArrowDown') { event.preventDefault(); this.#look(); this.#toResults(); }
    });
  }

  #toResults() { document.querySelector('rg-results:not([hidden]) a.tile')?.focus(); }

  /** The place that the address names; a search keeps its filters while one types on. */
  show(place) {
    const searching = place.view === 'search';
    const { view, search, ...filters } = place;
    this.#filters = searching ? filters : {};
    if (document.activeElement !== this.input || !searching) this.input.value = searching ? search : '';
  }

  /** Typing is one step of the browser's history, not one a letter. */
  #look() {
    clearTimeout(this.#timer);
    const search = this.input.value.trim(), searching = new URLSearchParams(location.search).has('q');
    if (!search && !searching) return;
    if (!searching) this.#left = location.pathname + location.search;
    const kept = Object.values(this.#filters).some(Boolean);
    const address = search || kept ? searchAddress({ search, ...this.#filters }) : this.#left;
    if (address !== location.pathname + location.search) go(address, { replace: searching });
  }
});
