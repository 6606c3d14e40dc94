// What stands over the seek line while one points at it or drags it: the small picture of that moment, its chapter and
// its time. The picture's place is kept while it is fetched.
import { Sprites } from '../lib/beside.js';
import { h } from '../lib/dom.js';
import { clock } from '../lib/format.js';

/** The picture's largest size, and in a small player. */
const room = { width: 160, height: 120 }, little = { width: 104, height: 60 };

export class Preview {
  #sprites = null; #url = null; #asked = 0; #drawn = ''; #room = room;

  constructor(player) {
    this.player = player;
    this.canvas = h('canvas', { hidden: true });
    this.title = h('span', { class: 'title', hidden: true });
    this.clock = h('span', {});
    this.element = h('div', { class: 'hint', hidden: true, 'aria-hidden': 'true' }, this.canvas, this.title, this.clock);
  }

  /** The pictures' WebVTT, or null; the same again changes nothing. */
  set source(url) {
    if (url === this.#url) return;
    this.#sprites?.close();
    this.#url = url;
    this.#asked += 1;
    this.#drawn = '';
    this.canvas.hidden = true;
    this.#sprites = url && new Sprites(url, (address, kind) => this.player.engine ? this.player.engine.fetch(address, kind) : Promise.reject(new Error('closed')));
  }

  hide() { this.element.hidden = true; this.#asked += 1; }

  /** Shows a moment in seconds, `x` pixels along a line of `length`. */
  show(at, x, length) {
    this.element.hidden = false;
    this.clock.textContent = clock(at);
    const chapter = this.player.chapters.at(at);
    this.title.hidden = !chapter;
    this.title.textContent = chapter?.title ?? '';
    this.#room = length < 480 ? little : room;
    this.title.style.maxInlineSize = `${this.#room.width}px`;
    const half = this.#sprites || chapter ? this.#room.width / 2 + 4 : 28;
    this.element.style.insetInlineStart = `${Math.min(length - half, Math.max(half, x))}px`;
    this.#picture(at);
  }

  async #picture(at) {
    const asked = this.#asked += 1;
    const place = await this.#sprites?.at(at);
    if (asked !== this.#asked) return;
    if (!place) { this.canvas.hidden = true; this.#drawn = ''; return; }
    const { sheet, x, y, w, h: tall, url } = place, { width, height } = this.#room, name = [url, x, y, width].join();
    this.canvas.hidden = false;
    if (name === this.#drawn) return;
    this.#drawn = name;
    const scale = Math.min(width / w, height / tall) * 2;
    this.canvas.width = Math.round(w * scale);
    this.canvas.height = Math.round(tall * scale);
    this.canvas.style.inlineSize = `${this.canvas.width / 2}px`;
    this.canvas.getContext('2d').drawImage(sheet, x, y, w, tall, 0, 0, this.canvas.width, this.canvas.height);
  }
}
