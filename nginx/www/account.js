// What a mailed link opens: a new password, or an address to confirm. The link's secret stands in the fragment, which is
// taken out of the address before anything else happens.
import { askForPassword, confirmAddress, setPassword } from './lib/api.js';
import { words } from './lib/text.js';
import { notice } from './parts/notice.js';

customElements.define('rg-account', class extends HTMLElement {
  connectedCallback() {
    const [purpose, secret] = location.hash.slice(1).split('=');
    history.replaceState(null, '', location.pathname);
    const name = secret && ['reset', 'verify'].includes(purpose) ? purpose : 'ask';
    this.open(name);
    for (const form of this.querySelectorAll('form')) form.addEventListener('submit', (event) => { event.preventDefault(); this.send(form, secret); });
    // A link that is opened while the page is shown.
    addEventListener('hashchange', () => location.reload());
  }

  open(name) { for (const part of this.children) part.hidden = part.dataset.for !== name; }

  async send(form, secret) {
    const [button, input, notes] = ['button', 'input', '.notes'].map((what) => form.querySelector(what));
    const ways = { reset: () => setPassword(secret, input.value), verify: () => confirmAddress(secret), ask: () => askForPassword(input.value.trim()) };
    button.disabled = true;
    try {
      await ways[form.dataset.for]();
      this.lastElementChild.textContent = words.account[form.dataset.for];
      this.open('done');
    } catch (error) {
      notes.replaceChildren(notice(error));
    } finally {
      button.disabled = false;
    }
  }
});
