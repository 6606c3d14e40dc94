// <rg-task task-id="…" [full]>: follows a task until it ends. Tells `rg-task` (detail: the task as the API gives it).
import * as api from '../lib/api.js';
import { h, icon } from '../lib/dom.js';
import { left, pace, percent, title, trackName } from '../lib/format.js';
import { watchAddress } from '../lib/route.js';
import { stage, states, words } from '../lib/lessons.js';
import { words as shared } from '../lib/text.js';
import { notice, skeleton } from './notice.js';
import { titleOf } from './recent.js';

const text = words.task;
const ended = (task) => ['done', 'failed', 'cancelled'].includes(task.state);

/** "trainer/course/module/lesson" of a task. */
export const relOf = (task) => task.hls_path?.split('/').slice(2, -1).join('/') ?? '';

/** The renditions that play already. */
const readyNames = (task) => (task.renditions ?? []).filter((rung) => rung.state === 'done' && (rung.kind ?? 'video') === 'video').map((rung) => rung.name);

/** What a rendition is called; pictures by their size, the rest by what it is. */
const rungName = ({ name, kind }) => text.kinds[kind ?? name] ?? name;
/** Captions are called captions-<language>-<version>. */
const languageOf = ({ name, kind, language }) => language ?? ((kind === 'captions' && /^captions-(.+)-[^-]+$/.exec(name)?.[1]) || '');
/** What tells it from others of its kind. */
const rungMore = (rung) => [rung.kind !== 'iframes' && rung.kind !== 'images' && rung.width && `${rung.width} × ${rung.height}`, (languageOf(rung) || rung.label) && trackName({ lang: languageOf(rung), name: rung.label ?? '' }),
  rung.copied && text.original].filter(Boolean).join(' · ');
const underway = (rung) => ['running', 'growing'].includes(rung.state);
/** Part, speed and time left of something that is being made, as far as they are known. */
const figures = (part, { speed, eta_seconds: eta }, say = pace) => [percent(part), speed > 0 ? say(speed) : '', eta > 0 ? left(eta) : ''].filter(Boolean).join(' · ');

customElements.define('rg-task', class extends HTMLElement {
  static observedAttributes = ['task-id'];
  #stop = null;
  #task = null;
  /** The furthest each bar has been: a bar never goes back while one looks at it. */
  #far = new Map();

  attributeChangedCallback(name, before, now) { if (before !== now && this.isConnected) this.#start(); }
  connectedCallback() { this.#start(); }
  disconnectedCallback() { this.#stop?.abort(); }
  get task() { return this.#task; }

  #start() {
    this.#stop?.abort();
    this.#task = null;
    this.#far.clear();
    const id = this.getAttribute('task-id');
    this.replaceChildren();
    if (!id) return;
    this.#stop = new AbortController();
    this.append(this.#frame(skeleton(text.loading, 'tall', 'wide', 'thin', 'thin', 'wide', 'wide', 'wide', 'wide', 'wide')));
    this.#follow(id, this.#stop.signal);
  }

  /** Asks once a second while something happens and someone looks, more seldom otherwise. */
  async #follow(id, signal) {
    for (let failures = 0; !signal.aborted;) {
      let pause = 1000;
      try {
        const task = await api.task(id, signal);
        if (signal.aborted) return;
        failures = 0;
        this.#show(task);
        if (ended(task)) return;
        if (document.hidden) pause = 4000;
      } catch (error) {
        if (signal.aborted || error.code === 'aborted') return;
        if (error.status === 401 || error.status === 403 || error.status === 404 || error.status === 400) return this.#refused(error);
        failures += 1;
        const seconds = Math.min(Math.max(error.retryAfter, 2 ** failures), 30);
        if (this.#task) this.note.textContent = text.lost(seconds);
        else this.#refused(error);
        if (!this.#task) return;
        pause = seconds * 1000;
      }
      let done;
      await new Promise((next) => {
        const over = new AbortController(), once = { once: true, signal: over.signal };
        const timer = setTimeout(next, pause);
        document.addEventListener('visibilitychange', () => { if (!document.hidden) next(); }, { signal: over.signal });
        addEventListener('online', next, once);
        signal.addEventListener('abort', next, once);
        done = () => { clearTimeout(timer); over.abort(); };
      });
      done();
    }
  }

  #refused(error) {
    this.dispatchEvent(new CustomEvent('rg-refused', { bubbles: true, detail: error }));
    this.replaceChildren(this.#frame(notice(error,
      h('button', { type: 'button', class: 'primary', onclick: () => this.#start() }, shared.again),
      h('a', { class: 'button', href: '/' }, text.another))));
  }

  /** What stands in the card's place before, or instead of, the task itself. */
  #frame(content) { return h('div', { class: 'card' }, this.hasAttribute('full') && h('h1', { class: 'away' }, text.title), content); }

  #build(task) {
    const full = this.hasAttribute('full');
    this.heading = h(full ? 'h1' : 'h2', {});
    this.note = h('p', { class: 'soft', 'aria-live': 'off' });
    this.spoken = h('p', { class: 'away', role: 'status' });
    this.steps = h('ol', { class: 'steps' }, [text.received, text.checked, text.playable, text.complete].map((name) => h('li', {}, icon('done'), h('span', {}, name))));
    this.bar = h('progress', { max: 1, value: 0, 'aria-label': text.levels });
    this.failure = h('div', { class: 'notes' });
    this.rungs = h('ul', { class: 'rungs', 'aria-label': text.levels });
    this.watch = h('a', { class: 'button primary', hidden: true }, icon('play'), text.watch);
    this.halt = h('button', { type: 'button', class: 'quiet', onclick: () => this.#ask() }, text.stop);
    this.replaceChildren(h('div', { class: 'card' },
      h('div', { class: 'spread' }, h('div', {}, this.heading, full && h('p', { class: 'small soft mono' }, relOf(task))), full && this.watch),
      this.steps, this.bar, this.note, this.failure, this.rungs, this.spoken,
      h('div', { class: 'row' }, full && h('a', { class: 'button', href: '/' }, text.another), this.halt)));
  }

  #show(task) {
    const before = this.#task;
    if (!before) this.#build(task);
    this.#task = task;
    const rel = relOf(task);
    const name = task.title || titleOf(rel) || title(rel.split('/').pop());
    const state = text.heading[task.state] ?? task.state;
    this.heading.textContent = this.hasAttribute('full') ? `${state}: ${name}` : state;
    this.watch.href = watchAddress(rel, { task: task.task_id });
    this.watch.hidden = !task.playable;
    this.halt.hidden = ended(task);
    const checked = task.playable || (task.renditions ?? []).length > 0;
    [true, checked, task.playable, task.state === 'done'].forEach((reached, index) => {
      this.steps.children[index].toggleAttribute('data-reached', reached);
    });
    this.bar.hidden = ended(task);
    this.bar.value = this.#part('', task.progress);
    const waits = checked && !(task.renditions ?? []).some(underway);
    this.note.textContent = ended(task) ? '' : [stage(waits ? 'queued' : task.stage ?? task.state),
      figures(this.#part('', task.progress), waits ? {} : task, (speed) => pace(speed) && text.speed(pace(speed)))].join(' · ');
    const said = task.error ?? task.notice;
    if (said?.code !== this.failure.dataset.said) this.failure.replaceChildren(...(said ? [notice({ ...said, requestId: '' })] : []));
    this.failure.dataset.said = said?.code ?? '';
    this.#showRungs(task);
    this.#speak(before, task);
    this.dispatchEvent(new CustomEvent('rg-task', { bubbles: true, detail: task }));
  }

  /** A part between 0 and 1 that never falls. */
  #part(name, value) {
    const part = Math.max(this.#far.get(name) ?? 0, Math.min(1, Number(value) || 0));
    this.#far.set(name, part);
    return part;
  }

  #showRungs(task) {
    const list = task.renditions ?? [];
    if (!list.length) return this.rungs.replaceChildren(...(ended(task) ? [] : [h('li', { class: 'soft empty' }, text.none)]));
    this.rungs.querySelector('.empty')?.remove();
    list.forEach((rung, index) => {
      let row = this.rungs.children[index];
      if (row?.dataset.name !== rung.name) {
        row = h('li', { 'data-name': rung.name }, h('span', { class: 'rung' }, h('strong', {}, rungName(rung)), h('span', { class: 'small soft' }, rungMore(rung))),
          h('progress', { max: 1, 'aria-label': [rungName(rung), rungMore(rung)].filter(Boolean).join(', ') }), h('span', { class: 'small state' }));
        if (this.rungs.children[index]) this.rungs.children[index].replaceWith(row);
        else this.rungs.append(row);
      }
      row.dataset.state = rung.state;
      const part = rung.state === 'done' ? 1 : this.#part(rung.name, rung.progress);
      row.querySelector('progress').value = part;
      row.querySelector('.state').textContent = !ended(task) && underway(rung) ? figures(part, rung) : states[ended(task) && ['queued', 'running'].includes(rung.state) ? 'unmade' : rung.state] ?? rung.state;
    });
    while (this.rungs.children.length > list.length) this.rungs.lastChild.remove();
  }

  /** Says steps, not each percent. */
  #speak(before, task) {
    const told = before ? readyNames(before) : readyNames(task);
    const fresh = readyNames(task).filter((name) => !told.includes(name));
    const said = task.state === 'done' ? before && before.state !== 'done' && text.all
      : task.state === 'failed' ? text.heading.failed
      : task.playable && before && !before.playable ? text.nowPlayable
      : fresh.length ? text.ready(fresh.join(', '))
      : task.stage !== before?.stage && stage(task.stage ?? task.state);
    if (said) this.spoken.textContent = said;
  }

  #ask() {
    const yes = h('button', { type: 'button', class: 'danger', onclick: async () => {
      yes.disabled = true;
      try { await api.cancelTask(this.#task.task_id); } catch (error) { if (error.code !== 'conflict') return yes.before(notice(error)); }
      dialog.close();
      this.#start();
    } }, text.stop);
    const dialog = h('dialog', { 'aria-labelledby': 'stop-title', onclose: () => { dialog.remove(); this.halt.focus(); } },
      h('h2', { id: 'stop-title' }, text.stopTitle), h('p', {}, text.stopText),
      h('div', { class: 'row' }, h('button', { type: 'button', autofocus: true, onclick: () => dialog.close() }, text.keep), yes));
    document.body.append(dialog);
    dialog.showModal();
  }
});
