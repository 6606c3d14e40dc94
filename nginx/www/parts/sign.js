// <rg-sign>: signing in, making an account, and asking for a mail to choose another password with (account.html).
import * as account from '../lib/account.js';
import { askForPassword } from '../lib/api.js';
import { h } from '../lib/dom.js';
import { words } from '../lib/words-person.js';
import { busy, faults, field, password } from './form.js';
import { notice } from './notice.js';

const text = words.sign;
/** Bytes of the shortest password the server takes. */
export const shortest = 12;
const isAddress = (value) => /^[^\s@]+@[^\s@]+$/.test(value);
const long = (value) => new TextEncoder().encode(value).length >= shortest;

customElements.define('rg-sign', class extends HTMLElement {
  #mode = ''; #email = '';

  connectedCallback() { if (!this.#mode) this.show('in'); }

  /** `in`, `up` or `forgot`; `said` is a sentence over the form. */
  show(mode, said) {
    this.#mode = mode;
    this.email = field('email', text.email, { type: 'email', autocomplete: 'username', inputmode: 'email', autocapitalize: 'off', spellcheck: 'false', value: this.#email, maxlength: 254 });
    this.password = password('password', text.password, { fresh: mode !== 'in', hint: mode === 'in' ? undefined : text.passwordHint(shortest) });
    this.notes = h('div', { class: 'notes', 'aria-live': 'polite' }, said ? h('p', { class: 'said' }, said) : '');
    this.button = h('button', { type: 'submit', class: 'primary' }, { in: text.go, up: text.make, forgot: text.send }[mode]);
    this.code = null;
    const link = (label, to) => h('button', { type: 'button', class: 'link', onclick: () => { this.#email = this.email.input.value; this.show(to); this.#focus(); } }, label);
    const parts = {
      in: () => [this.email, this.password], up: () => [this.named = field('name', text.name, { autocomplete: 'name', maxlength: 100 }), this.email, this.password],
      forgot: () => [this.email],
    }[mode]();
    const turns = { in: [link(text.forgot, 'forgot'), link(text.up, 'up')], up: [link(text.back, 'in')], forgot: [link(text.back, 'in')] }[mode];
    this.form = h('form', { class: 'card narrow', novalidate: true, onsubmit: (event) => { event.preventDefault(); this.#send(); } },
      h('h1', {}, { in: text.in, up: text.up, forgot: text.forgotTitle }[mode]), mode === 'forgot' && h('p', { class: 'soft' }, text.forgotText),
      this.notes, parts.map(({ element }) => element), this.button, h('p', { class: 'row spread' }, turns));
    this.replaceChildren(this.form);
  }

  #focus() { this.form.querySelector('input:not([value]), input[value=""]')?.focus(); }

  async #send() {
    const email = this.email.input.value.trim(), secret = this.password.input.value, fresh = this.#mode !== 'in';
    const wrongEmail = [this.email, isAddress(email) ? '' : text.needEmail];
    const wrongPassword = [this.password, fresh ? (long(secret) ? '' : text.needPassword(shortest)) : secret ? '' : text.need];
    const checks = { in: [wrongEmail, wrongPassword, ...(this.code ? [[this.code, this.code.input.value.trim() ? '' : text.needCode]] : [])],
      up: [...(this.named ? [[this.named, this.named.input.value.trim() ? '' : text.needName]] : []), wrongEmail, wrongPassword], forgot: [wrongEmail] }[this.#mode];
    if (faults(...checks)) return;
    this.#email = email;
    await busy(this.button, async () => {
      try {
        if (this.#mode === 'in') await account.signIn(email, secret, this.code?.input.value.trim());
        if (this.#mode === 'up' && !await account.register(this.named.input.value.trim(), email, secret)) this.show('in', text.confirm);
        if (this.#mode === 'forgot') { await askForPassword(email); this.show('in', text.sent); }
      } catch (error) { this.#refused(error); }
    });
  }

  #refused(error) {
    if (error.code === 'totp_required' && !this.code) {
      this.code = field('code', text.code, { autocomplete: 'one-time-code', autocapitalize: 'off', spellcheck: 'false', maxlength: 64, hint: text.codeHint });
      this.button.before(this.code.element);
      this.notes.replaceChildren();
      this.code.input.focus();
      return;
    }
    this.notes.replaceChildren(notice(error));
    if (this.#mode === 'in') this.password.input.select();
  }
});
