// <rg-person>: the account: name and language, another password, signing out here and everywhere.
import * as account from '../lib/account.js';
import * as catalog from '../lib/catalog.js';
import { h } from '../lib/dom.js';
import { words } from '../lib/words-person.js';
import { words as titles } from '../lib/words.js';
import { busy, faults, field, password } from './form.js';
import { notice } from './notice.js';
import { shortest } from './sign.js';

const text = words.account, tag = /^([A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*)?$/;

customElements.define('rg-person', class extends HTMLElement {
  async show() {
    this.#build();
    try { await account.know(); this.#fill(); } catch (error) { if (error.code !== 'aborted' && account.signedIn()) this.notes.replaceChildren(notice(error)); }
  }

  #build() {
    this.notes = h('div', { class: 'notes', 'aria-live': 'polite' });
    this.said = h('p', { class: 'said', role: 'status', hidden: true });
    this.named = field('person-name', text.name, { autocomplete: 'name', maxlength: 100 });
    this.language = field('person-language', text.language, { class: 'mono', maxlength: 35, autocapitalize: 'off', spellcheck: 'false', autocomplete: 'language', hint: text.languageHint });
    this.save = h('button', { type: 'submit', class: 'primary' }, text.save);
    this.facts = h('dl', { class: 'about' });
    this.current = password('current-password', text.current);
    this.fresh = password('new-password', text.fresh, { fresh: true, hint: words.sign.passwordHint(shortest) });
    this.change = h('button', { type: 'submit' }, text.change);
    const form = (title, id, submit, ...parts) => h('form', { class: 'card', novalidate: true, 'aria-labelledby': id, onsubmit: (event) => { event.preventDefault(); submit(); } }, h('h2', { id }, title), ...parts);
    this.replaceChildren(h('h1', {}, text.heading), this.said, this.notes, h('div', { class: 'beside' },
      h('div', { class: 'stack' },
        form(text.details, 'details-title', () => this.#save(), h('div', { class: 'fields' }, this.named.element, this.language.element), this.facts, h('div', { class: 'row' }, this.save)),
        form(text.password, 'password-title', () => this.#change(), h('input', { type: 'hidden', autocomplete: 'username', value: account.me()?.email ?? '' }), h('div', { class: 'fields' }, this.current.element, this.fresh.element), h('div', { class: 'row' }, this.change))),
      h('section', { class: 'card', 'aria-labelledby': 'devices-title' }, h('h2', { id: 'devices-title' }, text.devices),
        h('button', { type: 'button', onclick: () => account.signOut() }, text.out),
        h('button', { type: 'button', class: 'danger', onclick: (event) => this.#ask(event.currentTarget) }, text.outAll))));
    this.#fill();
  }

  #fill() {
    const { name = '', language = '', email = '', subscription_level: level = 'free', created_at: since } = account.me() ?? {};
    if (document.activeElement !== this.named.input) this.named.input.value = name;
    if (document.activeElement !== this.language.input) this.language.input.value = language ?? '';
    const row = (label, value) => value ? [h('dt', {}, label), h('dd', {}, value)] : [];
    this.facts.replaceChildren(...row(text.email, email), ...row(text.level, `${titles.title.levels[level] ?? level}: ${text.streams[level] ?? ''}`),
      ...row(text.since, since && new Date(since).toLocaleDateString(undefined, { dateStyle: 'long' })));
  }

  #tell(sentence) { this.notes.replaceChildren(); this.said.hidden = false; this.said.textContent = sentence; }

  #save() {
    const name = this.named.input.value.trim(), language = this.language.input.value.trim();
    if (faults([this.named, name ? '' : words.sign.needName], [this.language, tag.test(language) ? '' : text.badLanguage])) return undefined;
    return this.#try(this.save, async () => { await catalog.change({ name, language }); this.#tell(text.saved); });
  }

  #change() {
    const before = this.current.input.value, now = this.fresh.input.value;
    if (faults([this.current, before ? '' : words.sign.need], [this.fresh, new TextEncoder().encode(now).length >= shortest ? '' : words.sign.needPassword(shortest)])) return undefined;
    return this.#try(this.change, async () => {
      await account.changePassword(before, now);
      this.current.input.value = this.fresh.input.value = '';
      if (account.signedIn()) this.#tell(text.changed);
    });
  }

  #try(button, run) {
    this.said.hidden = true;
    return busy(button, async () => { try { await run(); } catch (error) { this.notes.replaceChildren(notice(error)); } });
  }

  #ask(button) {
    const yes = h('button', { type: 'button', class: 'danger', onclick: async () => { dialog.close(); await account.signOut(true); } }, text.outYes);
    const dialog = h('dialog', { 'aria-labelledby': 'out-title', onclose: () => { dialog.remove(); if (button.isConnected) button.focus(); } },
      h('h2', { id: 'out-title' }, text.outTitle), h('p', {}, text.outText),
      h('div', { class: 'row' }, h('button', { type: 'button', autofocus: true, onclick: () => dialog.close() }, text.stay), yes));
    document.body.append(dialog);
    dialog.showModal();
  }
});
