// A failure as a card: sentence, what to do, code, request id to copy, and the way on.
import { h, icon } from '../lib/dom.js';
import { explain, words } from '../lib/text.js';

/** A button that copies `text` and says so. */
export function copyButton(text) {
  const button = h('button', { type: 'button', class: 'quiet small' }, words.copy);
  button.addEventListener('click', async () => {
    try { await navigator.clipboard.writeText(text); } catch { return; }
    button.textContent = words.copied;
    setTimeout(() => { button.textContent = words.copy; }, 2000);
  });
  return button;
}

/** `error` is a Refusal of lib/api.js or has its `code`; `actions` are buttons or links, the first one leads on. */
export function notice(error, ...actions) {
  const [what, next] = explain(error.code);
  const locked = error.status === 401 || error.status === 403;
  return h('div', { class: 'notice', role: 'alert', 'data-code': error.code },
    icon(locked ? 'lock' : 'alert'),
    h('div', {},
      h('p', { class: 'what' }, what),
      h('p', {}, next),
      h('p', { class: 'small soft' }, `${words.code} `, h('code', {}, error.code),
        error.requestId && [` · ${words.requestId} `, h('code', {}, error.requestId), copyButton(error.requestId)]),
      actions.length ? h('div', { class: 'row' }, actions) : null));
}

/** Grey bars of the content's size, so that nothing jumps when it comes. */
export const skeleton = (label, ...heights) => h('div', { class: 'skeleton', role: 'status' },
  h('span', { class: 'away' }, label), heights.map((size) => h('span', { class: `bar ${size}` })));
