// <rg-key>: asks for the API key once and hands it to lib/api.js, which keeps it in memory.
import { checkKey, setKey } from '../lib/api.js';
import { words } from '../lib/lessons.js';
import { notice } from './notice.js';

customElements.define('rg-key', class extends HTMLElement {
  connectedCallback() {
    const form = this.querySelector('form');
    const input = form.querySelector('input');
    const button = form.querySelector('button');
    const notes = form.querySelector('.notes');
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      if (!input.value.trim()) return;
      button.disabled = true;
      button.textContent = words.key.checking;
      try {
        await checkKey(input.value);
        notes.replaceChildren();
        const given = input.value;
        input.value = '';
        input.removeAttribute('aria-invalid');
        setKey(given);
      } catch (error) {
        notes.replaceChildren(notice(error));
        input.setAttribute('aria-invalid', 'true');
        input.focus();
      } finally {
        button.disabled = false;
        button.textContent = words.key.go;
      }
    });
  }

  /** Shows why the key that was held is asked for again. */
  explain(error) { this.querySelector('.notes').replaceChildren(...(error ? [notice(error)] : [])); }
});
