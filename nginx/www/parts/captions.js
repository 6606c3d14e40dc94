// <rg-captions rel="…">: the captions of a lesson: their list, adding a file, taking one away. Tells `rg-captions` when
// they changed. Not shown where the server knows no captions or the key may not see them.
import * as api from '../lib/api.js';
import { h, icon } from '../lib/dom.js';
import { trackName } from '../lib/format.js';
import { words } from '../lib/lessons.js';
import { notice } from './notice.js';

const text = words.captions;
const grammar = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/;
const largest = 2_000_000;
/** While some are being made the list is read again after these milliseconds. */
const again = 2000;

customElements.define('rg-captions', class extends HTMLElement {
  static observedAttributes = ['rel'];
  #timer = 0; #shape = '';

  attributeChangedCallback(name, before, now) { if (before !== now && this.isConnected) this.#start(); }
  connectedCallback() { this.#start(); }
  disconnectedCallback() { clearTimeout(this.#timer); }
  get rel() { return this.getAttribute('rel'); }

  #start() {
    clearTimeout(this.#timer);
    this.hidden = true;
    this.#shape = '';
    this.replaceChildren();
    if (!this.rel) return;
    this.#build();
    this.#list();
  }

  #build() {
    const plain = { autocomplete: 'off', spellcheck: 'false' };
    this.items = h('ul', { class: 'list' });
    this.file = h('input', { type: 'file', id: 'captions-file', accept: '.vtt,.srt,text/vtt,application/x-subrip', 'aria-describedby': 'captions-fault' });
    this.language = h('input', { id: 'captions-language', class: 'mono', maxlength: 35, autocapitalize: 'off', ...plain, 'aria-describedby': 'captions-hint captions-fault' });
    this.label = h('input', { id: 'captions-label', maxlength: 64, ...plain });
    this.fault = h('p', { class: 'fault', id: 'captions-fault', 'aria-live': 'polite' });
    this.notes = h('div', { class: 'notes' });
    this.said = h('p', { class: 'small soft', role: 'status' });
    this.send = h('button', { type: 'submit' }, icon('up'), text.send);
    this.more = h('details', {}, h('summary', {}, text.add),
      h('form', { class: 'stack', novalidate: true, 'aria-label': text.add, onsubmit: (event) => { event.preventDefault(); this.#add(); } },
        h('div', { class: 'field' }, h('label', { for: 'captions-file' }, text.file), this.file),
        h('div', { class: 'fields' },
          h('div', { class: 'field' }, h('label', { for: 'captions-language' }, text.language), this.language, h('p', { class: 'hint', id: 'captions-hint' }, text.languageHint)),
          h('div', { class: 'field' }, h('label', { for: 'captions-label' }, text.label), this.label)),
        this.fault, this.notes, this.send));
    this.replaceChildren(h('section', { class: 'card', 'aria-labelledby': 'captions-title' }, h('h2', { id: 'captions-title' }, text.title), this.items, this.said, this.more));
  }

  async #list() {
    const rel = this.rel;
    clearTimeout(this.#timer);
    try {
      const list = await api.captions(rel);
      if (rel !== this.rel) return;
      this.hidden = false;
      this.#show(list);
      if (this.isConnected && list.some(({ state }) => state === 'waiting')) this.#timer = setTimeout(() => this.#list(), again);
    } catch { /* captions are a gift: where they can't be had the lesson is shown without */ }
  }

  #show(list) {
    const shape = JSON.stringify(list);
    if (shape === this.#shape) return;
    const known = this.#shape !== '';
    this.#shape = shape;
    this.items.replaceChildren(...(list.length ? list.map((item) => this.#item(item)) : [h('li', { class: 'soft' }, text.none)]));
    if (known) this.dispatchEvent(new CustomEvent('rg-captions', { bubbles: true }));
  }

  #item({ language, label, state, origin }) {
    const name = trackName({ lang: language, name: label ?? '' });
    const more = [language, origin === 'file' && text.embedded, state === 'waiting' && text.making].filter(Boolean).join(' · ');
    return h('li', {}, h('span', {}, name, ' ', h('span', { class: 'small soft' }, more)),
      h('button', { type: 'button', class: 'quiet', 'aria-label': text.remove(name), onclick: (event) => this.#ask(language, name, event.currentTarget) }, icon('remove')));
  }

  async #add() {
    const file = this.file.files[0], language = this.language.value.trim();
    const wrong = !file ? [this.file, text.noFile] : file.size > largest ? [this.file, text.large] : !grammar.test(language) ? [this.language, text.badLanguage] : null;
    for (const input of [this.file, this.language]) input.removeAttribute('aria-invalid');
    this.fault.textContent = wrong?.[1] ?? '';
    this.notes.replaceChildren();
    if (wrong) { wrong[0].setAttribute('aria-invalid', 'true'); wrong[0].focus(); return; }
    this.send.disabled = true;
    try {
      await api.putCaptions(this.rel, language, this.label.value.trim(), file);
      this.said.textContent = text.sent(trackName({ lang: language, name: this.label.value.trim() }));
      this.file.value = this.language.value = this.label.value = '';
      this.more.open = false;
      this.more.firstChild.focus();
      await this.#list();
    } catch (error) {
      this.dispatchEvent(new CustomEvent('rg-refused', { bubbles: true, detail: error }));
      this.notes.replaceChildren(notice(error));
    } finally { this.send.disabled = false; }
  }

  #ask(language, name, button) {
    const yes = h('button', { type: 'button', class: 'danger', onclick: async () => {
      yes.disabled = true;
      try { await api.removeCaptions(this.rel, language); } catch (error) { if (error.status !== 404) { yes.disabled = false; return dialog.firstChild.after(notice(error)); } }
      dialog.close();
      this.said.textContent = text.gone(name);
      this.#list();
    } }, text.removeYes);
    const dialog = h('dialog', { 'aria-labelledby': 'captions-remove', onclose: () => { dialog.remove(); (button.isConnected ? button : this.more.firstChild).focus(); } },
      h('h2', { id: 'captions-remove' }, text.removeTitle(name)), h('p', {}, text.removeText),
      h('div', { class: 'row' }, h('button', { type: 'button', autofocus: true, onclick: () => dialog.close() }, text.keep), yes));
    document.body.append(dialog);
    dialog.showModal();
  }
});
