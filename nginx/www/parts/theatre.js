// <rg-theatre>: a title plays here: the session at the server, the player that goes on where any device stopped, and the
// next episode.
import * as catalog from '../lib/catalog.js';
import { h, icon } from '../lib/dom.js';
import { playAddress, titleAddress } from '../lib/places.js';
import { Report } from '../lib/report.js';
import { words as shared } from '../lib/text.js';
import { words } from '../lib/words.js';
import { notice } from './notice.js';
import './player.js';
import { facts, place } from './tile.js';

const text = words.play;

customElements.define('rg-theatre', class extends HTMLElement {
  #id = null; #report = null; #stop = null;

  connectedCallback() {
    if (this.player) return;
    this.player = h('rg-player', {});
    this.notes = h('div', { class: 'notes' });
    this.heading = h('h1', {});
    this.about = h('p', { class: 'soft' });
    this.back = h('a', { class: 'button' }, icon('back'), text.back);
    this.next = h('a', { class: 'button', hidden: true });
    this.replaceChildren(h('div', { class: 'watching' }, this.player, this.notes, h('div', { class: 'spread' }, h('div', { class: 'under' }, this.heading, this.about), h('div', { class: 'row' }, this.back, this.next))));
    // Come back to from the browser's own store of pages, it begins a new session where it stood.
    addEventListener('pageshow', (event) => { if (event.persisted && this.#id) { const id = this.#id; this.hide(); this.show({ id }, false); } });
    this.player.addEventListener('rg-refused', ({ detail }) => { if (['revoked', 'limit_streams'].includes(detail.code)) this.#end(); });
  }

  hide() {
    this.#stop?.abort();
    this.#id = null;
    this.#end();
    if (this.player) this.player.source = null;
  }

  #end() {
    this.#report?.end();
    this.#report = null;
  }

  async show({ id }, play) {
    if (id === this.#id) return;
    this.hide();
    this.#id = id;
    const { signal } = this.#stop = new AbortController();
    this.heading.textContent = text.opening;
    this.about.textContent = '';
    this.next.hidden = true;
    this.back.href = titleAddress(id);
    this.notes.replaceChildren();
    this.player.hidden = false;
    try {
      const content = await catalog.title(id, signal);
      if (signal.aborted) return;
      this.#name(content);
      const first = await catalog.play(id);
      if (signal.aborted) return catalog.endLast(first.session_id);
      this.#open(content, first, play);
      this.#following(content, signal);
    } catch (error) {
      if (error.code === 'aborted' || signal.aborted) return;
      this.player.hidden = true;
      if (this.heading.textContent === text.opening) this.heading.textContent = words.titles.play;
      this.notes.replaceChildren(notice(error, h('button', { type: 'button', class: 'primary', onclick: () => { this.#id = null; this.show({ id }, true); } }, shared.again)));
    }
  }

  #name(content) {
    this.heading.textContent = content.title;
    this.about.textContent = [content.series_title, facts(content)].filter(Boolean).join(' · ');
    document.title = `${content.title} · Reelgate`;
  }

  /** The first token is there already; each report brings another of the same session, and where that has ended a new one begins. */
  #open(content, first, play) {
    let grant = first, session = '';
    const player = this.player;
    const mint = async () => {
      const given = grant ?? await catalog.report(session, player.position, player.video.paused ? 'paused' : 'playing').catch((error) => {
        if (![404, 409].includes(error.status)) throw error;
        return catalog.play(content.id);
      });
      grant = null;
      if (given.session_id !== session || !this.#report) { this.#end(); this.#report = new Report(given.session_id, player); }
      session = given.session_id;
      return given;
    };
    player.toggleAttribute('autoplay', Boolean(play));
    player.source = { title: content.title, by: content.series_title ?? '', at: first.resume_position ?? 0, mint };
  }

  /** The episode behind this one. */
  async #following(content, signal) {
    if (content.type !== 'episode' || !content.series_id) return;
    const { seasons = [] } = await catalog.title(content.series_id, signal).catch(() => ({})), all = seasons.flatMap((one) => one.episodes);
    const next = all[all.findIndex((one) => one.id === content.id) + 1];
    if (!next || signal.aborted || next.playable === false) return;
    this.next.hidden = false;
    this.next.href = playAddress(next.id);
    this.next.replaceChildren(text.next(`${place(next)} ${next.title}`), icon('on'));
  }
});
