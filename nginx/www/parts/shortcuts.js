// The list of keys, on `?` or by its button; `more` are a page's own.
import { h } from '../lib/dom.js';
import { words } from '../lib/text.js';

export function offerShortcuts(button, more = []) {
  const dialog = h('dialog', { class: 'keys', 'aria-labelledby': 'keys-title' },
    h('div', { class: 'spread' }, h('h2', { id: 'keys-title' }, words.player.keys), h('button', { type: 'button', class: 'quiet', autofocus: true, onclick: () => dialog.close() }, words.player.close)),
    h('dl', {}, [...more, ...words.shortcuts].flatMap(([keys, what]) => [h('dt', {}, h('kbd', {}, keys)), h('dd', {}, what)])));
  document.body.append(dialog);
  const show = () => { if (!document.querySelector('dialog[open]')) dialog.showModal(); };
  button.addEventListener('click', show);
  document.addEventListener('keydown', (event) => {
    if (event.key !== '?' || event.target.matches('input:not([type=range]), textarea')) return;
    event.preventDefault();
    show();
  });
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
}
