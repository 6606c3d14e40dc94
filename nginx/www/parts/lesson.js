// <rg-lesson>: the watch page: player, what it plays, and the task while it still runs. `show({rel, task, user})`.
import * as api from '../lib/api.js';
import { h } from '../lib/dom.js';
import { title } from '../lib/format.js';
import { go, watchAddress } from '../lib/route.js';
import { words } from '../lib/lessons.js';
import './captions.js';
import './player.js';
import { titleOf } from './recent.js';
import './task.js';

const text = words.watch;
const grammar = /^([A-Za-z0-9][A-Za-z0-9_-]{0,63}\/){3}[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

customElements.define('rg-lesson', class extends HTMLElement {
  #ready = '';

  connectedCallback() {
    this.player = h('rg-player', {});
    this.heading = h('h1', {});
    this.about = h('p', { class: 'small soft mono' });
    this.task = h('rg-task', {});
    this.captions = h('rg-captions', { hidden: true });
    this.fault = h('p', { class: 'fault', id: 'rel-fault', 'aria-live': 'polite' });
    this.rel = h('input', { id: 'rel', class: 'mono', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', placeholder: text.relHint, 'aria-describedby': 'rel-fault' });
    this.user = h('input', { id: 'viewer', class: 'mono', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', value: 'demo-viewer', maxlength: 64 });
    this.button = h('button', { type: 'submit' }, text.open);
    this.opening = h('div', { class: 'under' });
    this.form = h('form', { class: 'card open', novalidate: true, 'aria-label': text.open, onsubmit: (event) => { event.preventDefault(); this.#submit(); } },
      this.opening,
      h('div', { class: 'field wide' }, h('label', { for: 'rel' }, text.rel), this.rel, this.fault),
      h('div', { class: 'field' }, h('label', { for: 'viewer' }, text.user), this.user), this.button);
    this.stage = h('div', { class: 'watching' }, this.player, h('div', { class: 'under' }, this.heading, this.about));
    this.replaceChildren(this.stage, h('div', { class: 'beside' }, h('div', { class: 'stack' }, this.task, this.captions), h('div', { class: 'stack' }, this.form, h('rg-recent', {}))));
    this.captions.addEventListener('rg-captions', () => this.player.refresh());
    this.task.addEventListener('rg-task', ({ detail }) => this.#progressed(detail));
  }

  #submit() {
    const rel = this.rel.value.trim().replace(/^\/?(hls2\/)?|\/(output\.m3u8)?$/g, '');
    const right = grammar.test(rel);
    this.fault.textContent = right ? '' : text.bad;
    if (right) this.rel.removeAttribute('aria-invalid'); else { this.rel.setAttribute('aria-invalid', 'true'); this.rel.focus(); return; }
    go(watchAddress(rel, { user: this.user.value.trim() === 'demo-viewer' ? '' : this.user.value.trim() }));
  }

  show({ rel, task, user }, play) {
    const viewer = user || 'demo-viewer', address = JSON.stringify([rel, viewer]);
    this.stage.hidden = !rel;
    this.opening.replaceChildren(...(rel ? [h('h2', {}, text.other)] : [h('h1', {}, text.title), h('p', { class: 'soft' }, text.hint)]));
    this.button.classList.toggle('primary', !rel);
    this.heading.textContent = rel ? titleOf(rel) || title(rel.split('/').pop()) : '';
    this.about.textContent = rel ? `${rel} · ${text.user.toLowerCase()} ${viewer}` : '';
    this.rel.value = rel || '';
    this.user.value = viewer;
    this.task.hidden = !task;
    if (task) this.task.setAttribute('task-id', task);
    else this.task.removeAttribute('task-id');
    if (rel) this.captions.setAttribute('rel', rel); else this.captions.removeAttribute('rel');
    if (address === this.address) return;
    this.address = address;
    this.#ready = '';
    this.player.toggleAttribute('autoplay', Boolean(play));
    this.player.source = rel ? {
      id: `${rel} ${viewer}`, title: this.heading.textContent, by: rel.split('/').slice(1, 3).join(' · '),
      mint: (sessionId) => api.token({ rel, user: viewer, sessionId }),
    } : null;
  }

  /** Nothing plays and nothing is asked while another view is shown. */
  hide() {
    if (!this.address) return;
    this.address = null;
    this.player.source = null;
    this.task.removeAttribute('task-id');
    this.captions.removeAttribute('rel');
  }

  /** A rung more, or the first one: the player looks again. */
  #progressed(task) {
    const ready = (task.renditions ?? []).filter((rung) => ['done', 'growing'].includes(rung.state)).map((rung) => rung.name).join();
    this.player.growing = task.state === 'running';
    if (this.player.engine) this.player.engine.growing = this.player.growing;
    if (ready !== this.#ready) this.player.refresh();
    this.#ready = ready;
    this.task.hidden = task.state === 'done';
  }
});
