// <rg-upload>: picks a video, names the lesson and sends it. Tells `rg-sending` {part} and `rg-sent` {task, rel, title}.
import { h, icon, memory } from '../lib/dom.js';
import { bytes, left, percent, slug, title } from '../lib/format.js';
import { words } from '../lib/lessons.js';
import { sendLesson } from '../lib/send.js';
import { notice } from './notice.js';

const text = words.upload;
const extensions = ['mp4', 'mov', 'm4v', 'mkv', 'webm', 'avi', 'wmv', 'flv', 'mpg', 'ts'];
const grammar = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const ids = [['trainer_id', text.trainer], ['course_id', text.course], ['module_id', text.module], ['lesson_id', text.lesson]];

/** What is wrong with an id, or nothing. */
const fault = (name, value) => !grammar.test(value) ? text.id : name === 'trainer_id' && value === 'library' ? text.reserved : '';

customElements.define('rg-upload', class extends HTMLElement {
  #file = null;
  #stop = null;
  #touched = new Set();

  connectedCallback() {
    const past = memory.read('upload', {});
    const first = { trainer_id: past.trainer_id || 'demo', course_id: past.course_id || 'course-1', module_id: past.module_id || 'module-1', lesson_id: 'lesson-1' };
    this.picker = h('input', { type: 'file', class: 'away', id: 'file', accept: extensions.map((name) => `.${name}`).join() + ',video/*', 'aria-label': text.choose, 'aria-describedby': 'file-types file-fault', onchange: () => this.#take(this.picker.files) });
    this.chosen = h('div', { class: 'chosen' });
    this.drop = h('div', { class: 'drop' }, this.picker, this.chosen);
    this.fault = h('p', { class: 'fault', id: 'file-fault', 'aria-live': 'polite' });
    this.fields = h('fieldset', { class: 'fields' }, h('legend', { class: 'away' }, text.details),
      this.#field('title', text.title, '', { maxlength: 200, wide: true }),
      ids.map(([name, label]) => this.#field(name, label, first[name], { id: true })));
    this.where = h('code', {});
    this.notes = h('div', { class: 'notes' });
    this.button = h('button', { type: 'submit', class: 'primary' }, icon('up'), text.send);
    this.going = h('div', { class: 'going', hidden: true });
    this.form = h('form', { class: 'card', novalidate: true, 'aria-label': text.send, onsubmit: (event) => { event.preventDefault(); this.#send(); } },
      this.drop, this.fault, this.fields, h('p', { class: 'small soft where' }, `${text.where} `, this.where), this.notes, this.button, this.going);
    this.replaceChildren(this.form);
    this.#showChosen();
    this.#showWhere();
    for (const name of ['dragenter', 'dragover', 'dragleave', 'drop']) this.addEventListener(name, (event) => this.#drag(event));
    addEventListener('beforeunload', (event) => { if (this.#stop) event.preventDefault(); });
  }

  #field(name, label, value, { id, wide, maxlength }) {
    const input = h('input', { id: `field-${name}`, name, value, maxlength: maxlength ?? 64, autocomplete: 'off', spellcheck: id ? 'false' : null,
      autocapitalize: id ? 'off' : null, 'aria-describedby': id ? `fault-${name}` : null, class: id ? 'mono' : null });
    input.addEventListener('input', () => {
      this.#touched.add(name);
      this.#showWhere();
      if (input.getAttribute('aria-invalid')) this.#check(input);
    });
    if (id) input.addEventListener('change', () => this.#check(input));
    return h('div', { class: wide ? 'field wide' : 'field' }, h('label', { for: input.id }, label), input, id && h('p', { class: 'fault', id: `fault-${name}` }));
  }

  #input(name) { return this.form.elements[name]; }

  #check(input) {
    const wrong = fault(input.name, input.value);
    input.toggleAttribute('aria-invalid', Boolean(wrong));
    if (wrong) input.setAttribute('aria-invalid', 'true');
    this.querySelector(`#fault-${input.name}`).textContent = wrong;
    return !wrong;
  }

  get rel() { return ids.map(([name]) => this.#input(name).value).join('/'); }

  #showWhere() { this.where.textContent = `/hls2/${this.rel}/output.m3u8`; }

  #drag(event) {
    if (!event.dataTransfer?.types.includes('Files') || this.#stop) return;
    event.preventDefault();
    this.drop.classList.toggle('over', event.type !== 'drop' && (event.type !== 'dragleave' || this.contains(event.relatedTarget)));
    if (event.type === 'drop') this.#take(event.dataTransfer.files);
  }

  #take(files) {
    const file = files[0];
    if (!file) return;
    const extension = file.name.split('.').pop().toLowerCase();
    const wrong = !extensions.includes(extension) ? text.type(file.name) : file.size === 0 ? text.empty : '';
    this.#file = wrong ? null : file;
    this.fault.textContent = wrong || (files.length > 1 ? text.one : '');
    this.notes.replaceChildren();
    if (!wrong) {
      if (!this.#touched.has('title')) this.#input('title').value = title(file.name);
      if (!this.#touched.has('lesson_id')) { this.#input('lesson_id').value = slug(file.name); this.#check(this.#input('lesson_id')); }
      this.#showWhere();
    }
    this.#showChosen();
  }

  #showChosen() {
    const label = (words, look) => h('label', { for: 'file', class: `button ${look}` }, words);
    this.drop.classList.toggle('full', Boolean(this.#file));
    this.chosen.replaceChildren(...(this.#file
      ? [icon('film'), h('p', { class: 'name' }, this.#file.name, h('span', { class: 'small soft' }, bytes(this.#file.size))), label(text.other, '')]
      : [icon('up'), h('p', {}, h('strong', {}, text.drop), h('span', { class: 'small soft', id: 'file-types' }, text.types)), label(text.choose, '')]));
  }

  async #send() {
    if (this.#stop) return;
    const bad = ids.map(([name]) => this.#input(name)).filter((input) => !this.#check(input));
    if (!this.#file) this.fault.textContent ||= text.noFile;
    if (!this.#file) return this.picker.focus();
    if (bad.length) return bad[0].focus();
    const values = Object.fromEntries([...ids.map(([name]) => name), 'title'].map((name) => [name, this.#input(name).value.trim()]));
    const { trainer_id, course_id, module_id } = values;
    memory.write('upload', { trainer_id, course_id, module_id });
    this.#stop = new AbortController();
    this.#busy(true);
    const progress = this.#meter();
    try {
      const answer = await sendLesson(values, this.#file, { progress, signal: this.#stop.signal });
      const sent = { task: answer.task_id, rel: this.rel, title: values.title || title(values.lesson_id) };
      this.#reset();
      this.dispatchEvent(new CustomEvent('rg-sent', { bubbles: true, detail: sent }));
    } catch (error) {
      this.#busy(false);
      this.dispatchEvent(new CustomEvent('rg-refused', { bubbles: true, detail: error }));
      this.notes.replaceChildren(error.code === 'aborted' ? h('p', { class: 'soft', role: 'status' }, text.stopped) : notice(error));
      (error.code === 'file_type' ? this.picker : this.button).focus();
    }
  }

  #reset() {
    this.#file = null;
    this.#touched.clear();
    this.picker.value = '';
    this.#input('title').value = '';
    this.#busy(false);
    this.#showChosen();
  }

  #busy(on) {
    if (!on) this.#stop = null;
    this.fields.disabled = this.picker.disabled = on;
    this.button.hidden = on;
    this.going.hidden = !on;
    this.chosen.querySelector('label').hidden = on;
    this.notes.replaceChildren();
    this.dispatchEvent(new CustomEvent('rg-sending', { bubbles: true, detail: { part: on ? 0 : null } }));
  }

  /** The bar with bytes, speed over the last five seconds and time left; speaks every quarter. */
  #meter() {
    const bar = h('progress', { max: 1, value: 0, 'aria-label': text.sending });
    const figures = h('p', { class: 'figures' });
    const spoken = h('p', { class: 'away', role: 'status' });
    const cancel = h('button', { type: 'button', onclick: () => this.#stop?.abort() }, text.cancel);
    this.going.replaceChildren(h('div', { class: 'spread' }, h('strong', {}, text.sending), figures), bar, spoken, cancel);
    cancel.focus();
    const marks = [[performance.now(), 0]];
    let quarter = 0;
    return (sent, total) => {
      const now = performance.now();
      marks.push([now, sent]);
      while (marks.length > 2 && now - marks[1][0] > 5000) marks.shift();
      const speed = (sent - marks[0][1]) / Math.max(1, now - marks[0][0]) * 1000;
      bar.value = sent / total;
      figures.textContent = sent >= total ? text.sent
        : `${bytes(sent)} of ${bytes(total)} · ${bytes(speed)}/s · ${left((total - sent) / speed)}`;
      if (Math.floor(sent / total * 4) > quarter) { quarter = Math.floor(sent / total * 4); spoken.textContent = sent >= total ? text.sent : text.at(percent(sent / total)); }
      this.dispatchEvent(new CustomEvent('rg-sending', { bubbles: true, detail: { part: sent / total } }));
    };
  }
});
