// <rg-history>: what the person watched, newest first; each can be taken out (and brought back for a moment), or all of it.
import * as catalog from '../lib/catalog.js';
import { h, icon } from '../lib/dom.js';
import { ago } from '../lib/format.js';
import { playAddress, titleAddress } from '../lib/places.js';
import { words as shared } from '../lib/text.js';
import { words } from '../lib/words-person.js';
import { notice, skeleton } from './notice.js';
import { facts, poster, progress } from './tile.js';

const text = words.history;
/** Milliseconds in which a removal can be taken back. */
const grace = 6000;

customElements.define('rg-history', class extends HTMLElement {
  #stop = null; #due = new Map();

  connectedCallback() { addEventListener('pagehide', () => this.#settle()); }

  hide() {
    this.#stop?.abort();
    this.#settle();
  }

  async show() {
    this.hide();
    const { signal } = this.#stop = new AbortController();
    this.heading = h('h1', {}, text.heading);
    this.clear = h('button', { type: 'button', class: 'danger', hidden: true, onclick: () => this.#ask() }, icon('remove'), text.clear);
    this.items = h('ul', { class: 'history' });
    this.more = h('button', { type: 'button', hidden: true, onclick: () => this.#load(signal) }, text.more);
    this.said = h('div', { class: 'undo', role: 'status' });
    this.notes = h('div', { class: 'notes' }, skeleton(text.loading, 'wide', 'wide', 'wide', 'wide'));
    this.replaceChildren(h('div', { class: 'spread' }, this.heading, this.clear), this.said, this.notes, this.items, this.more);
    this.cursor = undefined;
    await this.#load(signal);
  }

  async #load(signal) {
    const first = this.cursor === undefined;
    this.more.disabled = true;
    try {
      const { items, next } = await catalog.history({ limit: 20, cursor: this.cursor }, signal);
      if (signal.aborted) return;
      const rows = items.map((item) => this.#row(item));
      this.items.append(...rows);
      this.cursor = next;
      this.more.hidden = !next;
      this.notes.replaceChildren();
      if (!first) rows[0]?.querySelector('a').focus();
      this.#empty();
    } catch (error) {
      if (error.code === 'aborted') return;
      this.notes.replaceChildren(notice(error, h('button', { type: 'button', class: 'primary', onclick: () => first ? this.show() : this.#load(signal) }, shared.again)));
    } finally { this.more.disabled = false; }
  }

  #empty() {
    const none = !this.items.children.length && this.more.hidden;
    this.clear.hidden = none;
    const [what, next] = text.empty;
    if (none) this.notes.replaceChildren(h('div', { class: 'card empty' }, h('h2', {}, what), h('p', { class: 'soft' }, next), h('a', { class: 'button', href: '/browse' }, text.find)));
  }

  #row(item) {
    const { content } = item, row = h('li', {});
    row.append(h('a', { class: 'episode', href: item.available !== false && item.resume_position > 0 ? playAddress(content.id) : titleAddress(content.id) }, poster(content),
      h('span', { class: 'stack-small' }, h('span', { class: 'tile-name' }, content.title), h('span', { class: 'small soft' }, [facts(content), item.watched_at && ago(Date.parse(item.watched_at))].filter(Boolean).join(' · ')), progress(item))),
    h('button', { type: 'button', class: 'quiet', 'aria-label': text.remove(content.title), onclick: () => this.#remove(content, row) }, icon('close')));
    return row;
  }

  /** Gone from the list at once, from the server when nobody took it back. */
  #remove(content, row) {
    const before = row.nextElementSibling, parent = this.items;
    (row.nextElementSibling ?? row.previousElementSibling)?.querySelector('button').focus();
    row.remove();
    const act = () => { this.#due.delete(content.id); this.said.replaceChildren(); catalog.forget(content.id).catch((error) => { if (error.status !== 404) { parent.insertBefore(row, before?.isConnected ? before : null); this.notes.replaceChildren(notice(error)); } }); };
    this.#settle();
    const timer = setTimeout(act, grace);
    this.#due.set(content.id, () => { clearTimeout(timer); act(); });
    this.said.replaceChildren(h('span', {}, text.removed(content.title)), h('button', { type: 'button', class: 'quiet', onclick: () => {
      clearTimeout(timer);
      this.#due.delete(content.id);
      parent.insertBefore(row, before?.isConnected ? before : null);
      this.said.replaceChildren();
      this.notes.replaceChildren();
      this.#empty();
      row.querySelector('a').focus();
    } }, text.undo));
    this.#empty();
  }

  #settle() { for (const act of [...this.#due.values()]) act(); }

  #ask() {
    const yes = h('button', { type: 'button', class: 'danger', onclick: async () => {
      yes.disabled = true;
      try { await catalog.forgetAll(); } catch (error) { yes.disabled = false; return dialog.firstChild.after(notice(error)); }
      dialog.close();
      await this.show();
      this.said.textContent = text.cleared;
      this.heading.tabIndex = -1;
      this.heading.focus();
    } }, text.clearYes);
    const dialog = h('dialog', { 'aria-labelledby': 'clear-title', onclose: () => { dialog.remove(); if (this.clear.isConnected) this.clear.focus(); } },
      h('h2', { id: 'clear-title' }, text.clearTitle), h('p', {}, text.clearText),
      h('div', { class: 'row' }, h('button', { type: 'button', autofocus: true, onclick: () => dialog.close() }, text.keep), yes));
    document.body.append(dialog);
    dialog.showModal();
  }
});
