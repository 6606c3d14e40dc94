// Parts of a form that ask for the same care everywhere: a field with its label, hint and fault; a password that can be shown.
import { h } from '../lib/dom.js';
import { words } from '../lib/words-person.js';

const text = words.sign;

/** A field: `input` is its control, `wrong(sentence)` says what is wrong with it, or nothing. */
export function field(id, label, { hint, ...attributes } = {}) {
  const fault = h('p', { class: 'fault', id: `${id}-fault`, 'aria-live': 'polite' });
  const input = h('input', { id, name: id, maxlength: 200, 'aria-describedby': hint ? `${id}-hint ${id}-fault` : `${id}-fault`, ...attributes });
  const wrong = (sentence = '') => {
    fault.textContent = sentence;
    if (sentence) input.setAttribute('aria-invalid', 'true'); else input.removeAttribute('aria-invalid');
    return Boolean(sentence);
  };
  input.addEventListener('input', () => { if (fault.textContent) wrong(); });
  return { input, wrong, element: h('div', { class: 'field' }, h('label', { for: id }, label), input, hint && h('p', { class: 'hint', id: `${id}-hint` }, hint), fault) };
}

/** A field for a password, with a button that shows what was typed. */
export function password(id, label, { fresh, ...more } = {}) {
  const made = field(id, label, { type: 'password', autocomplete: fresh ? 'new-password' : 'current-password', autocapitalize: 'off', spellcheck: 'false', maxlength: 128, ...more });
  const show = h('button', { type: 'button', class: 'quiet', 'aria-pressed': 'false', 'aria-controls': id, 'aria-label': `${text.show}: ${label}` }, text.show);
  show.addEventListener('click', () => {
    const shown = made.input.type === 'text';
    made.input.type = shown ? 'password' : 'text';
    show.setAttribute('aria-pressed', String(!shown));
    show.textContent = shown ? text.show : text.hide;
  });
  const row = h('div', { class: 'with-button' });
  made.input.replaceWith(row);
  row.append(made.input, show);
  return made;
}

/** Puts the focus where the first fault is; whether there is one. */
export function faults(...checks) {
  const bad = checks.filter(([one, sentence]) => one.wrong(sentence));
  bad[0]?.[0].input.focus();
  return bad.length > 0;
}

/** Runs what a button stands for; meanwhile it can't be pressed again. */
export async function busy(button, run) {
  if (button.disabled) return;
  const before = button.textContent;
  button.disabled = true;
  button.textContent = text.busy;
  try { await run(); } finally { button.disabled = false; button.textContent = before; }
}
