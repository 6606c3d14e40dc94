// <rg-title>: the page of a title: what it is, what it needs, play or resume, one's list, the seasons of a series, what is like it.
import { me } from '../lib/account.js';
import * as catalog from '../lib/catalog.js';
import { h, icon } from '../lib/dom.js';
import { clock, languageName } from '../lib/format.js';
import { playAddress, searchAddress, titleAddress } from '../lib/places.js';
import { words as shared } from '../lib/text.js';
import { words } from '../lib/words.js';
import { notice, skeleton } from './notice.js';
import { rail } from './rail.js';
import { facts, place, poster, progress } from './tile.js';

const text = words.title, ranks = ['free', 'premium', 'family'];

/** Whether this person's level is enough. */
export const enough = ({ required_level: needed = 'free' }) => ranks.indexOf(me()?.subscription_level ?? 'free') >= ranks.indexOf(needed) || me()?.role === 'admin';

customElements.define('rg-title', class extends HTMLElement {
  #stop = null; #seen = new Map(); #kept = false;

  hide() { this.#stop?.abort(); }

  async show({ id }) {
    this.#stop?.abort();
    const { signal } = this.#stop = new AbortController();
    this.replaceChildren(h('div', { class: 'card' }, h('h1', { class: 'away' }, words.titles.title), skeleton(text.loading, 'tall', 'wide', 'wide', 'wide')));
    try {
      const [content, history, list] = await Promise.all([catalog.title(id, signal),
        catalog.history({ limit: 100 }, signal).catch(() => ({ items: [] })), catalog.favorites({ limit: 100 }, signal).catch(() => ({ items: [] }))]);
      if (signal.aborted) return;
      this.#seen = new Map(history.items.map((item) => [item.content.id, item]));
      this.#kept = list.items.some((item) => item.id === content.id);
      this.#draw(content, signal);
    } catch (error) {
      if (error.code === 'aborted') return;
      this.replaceChildren(h('div', { class: 'card' }, h('h1', {}, words.titles.title), notice(error, h('button', { type: 'button', class: 'primary', onclick: () => this.show({ id }) }, shared.again), h('a', { class: 'button', href: '/browse' }, words.nav.home))));
    }
  }

  #draw(content, signal) {
    const series = content.type === 'series', seasons = series ? content.seasons ?? [] : [];
    const episodes = seasons.flatMap((one) => one.episodes);
    const like = rail(text.similar, async () => (await catalog.recommended(`similar/${encodeURIComponent(series || !content.series_id ? content.id : content.series_id)}`, { limit: 20 }, signal)).items);
    this.said = h('p', { class: 'away', role: 'status' });
    const up = content.type === 'episode' && content.series_id && h('p', { class: 'small' }, h('a', { href: titleAddress(content.series_id) }, content.series_title ?? words.tile.series), ` · ${place(content)}`);
    this.replaceChildren(
      h('article', { class: 'title-page', 'aria-labelledby': 'title-name' },
        poster(content, true),
        h('div', { class: 'title-about' }, up, h('h1', { id: 'title-name' }, content.title),
          h('p', { class: 'soft' }, [facts(content), content.language && languageName(content.language), content.rating != null && `★ ${content.rating}`].filter(Boolean).join(' · ')),
          this.#actions(content, episodes), this.#needs(content),
          content.description && h('p', { class: 'prose' }, content.description),
          h('dl', { class: 'about' }, this.#names(text.cast, content.cast, (name) => searchAddress({ search: name })), this.#names(text.genres, content.genres, (genre) => searchAddress({ genre }))),
          this.said)),
      ...(series ? [this.#seasons(seasons)] : []), like.element);
    document.title = `${content.title} · Reelgate`;
  }

  #names(label, names, address) {
    return names?.length ? [h('dt', {}, label), h('dd', {}, names.map((name, index) => [index ? ', ' : '', h('a', { href: address(name) }, name)]).flat())] : [];
  }

  /** What one can do: a series goes on with the episode one is at. */
  #actions(content, episodes) {
    const target = content.type !== 'series' ? content
      : episodes.find((one) => this.#seen.get(one.id)?.resume_position > 0) ?? episodes.find((one) => !this.#seen.has(one.id)) ?? episodes[0];
    const seen = target && this.#seen.get(target.id);
    const label = seen?.resume_position > 0 ? text.resume(clock(seen.resume_position)) : seen?.completed ? text.again : text.play;
    const named = target && target !== content ? `${label} · ${place(target)}` : label;
    const ready = target && target.playable !== false && enough(content);
    const list = h('button', { type: 'button', 'aria-pressed': String(this.#kept) });
    const face = () => { list.setAttribute('aria-pressed', String(this.#kept)); list.replaceChildren(icon(this.#kept ? 'done' : 'add'), this.#kept ? text.remove : text.add); };
    list.addEventListener('click', async () => {
      list.disabled = true;
      try {
        await (this.#kept ? catalog.removeFavorite : catalog.addFavorite)(content.id);
        this.#kept = !this.#kept;
        this.said.textContent = this.#kept ? text.added : text.removed;
      } catch (error) { list.parentElement.after(notice(error)); }
      list.disabled = false;
      face();
      list.focus();
    });
    face();
    return [h('div', { class: 'row' }, ready && h('a', { class: 'button primary', href: playAddress(target.id) }, icon('play'), named), list),
      seen?.resume_position > 0 && h('p', { class: 'seen-line' }, progress(seen)),
      target ? target.playable === false && h('p', { class: 'soft' }, text.noVideo) : h('p', { class: 'soft' }, text.noEpisodes)].flat();
  }

  #needs(content) {
    const name = content.required_level ?? 'free', mine = me()?.subscription_level ?? 'free';
    if (enough(content)) return name !== 'free' && h('p', { class: 'small soft' }, text.levels[name]);
    return h('p', { class: 'needs' }, icon('lock'), h('span', {}, `${text.level(text.levels[name])} ${text.yours(text.levels[mine])}`));
  }

  #seasons(seasons) {
    return h('section', { class: 'seasons', 'aria-labelledby': 'seasons-title' }, h('h2', { id: 'seasons-title' }, text.seasons),
      seasons.map(({ season, episodes }, index) => h('details', { open: index === 0, name: 'season' }, h('summary', {}, text.season(season)),
        h('ol', { class: 'episodes' }, episodes.map((one) => {
          const seen = this.#seen.get(one.id);
          return h('li', {}, h('a', { class: 'episode', href: one.playable === false ? titleAddress(one.id) : playAddress(one.id) },
            poster(one), h('span', { class: 'stack-small' }, h('span', { class: 'tile-name' }, `${one.episode}. ${one.title}`),
              one.description && h('span', { class: 'small soft' }, one.description), seen && progress(seen))));
        })))));
  }
});
