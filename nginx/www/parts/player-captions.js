// Captions over the picture, drawn by the page: above the bar while it shows, in the size the viewer chose, the same in
// full screen. The browser's own list keeps the time; it is hidden, not shown, so that nothing stands twice.
import { h, memory } from '../lib/dom.js';

export const sizes = ['small', 'normal', 'large'];

export class Captions {
  #list = null;
  #show = () => this.#draw();

  constructor(player) {
    this.player = player;
    this.above = h('div', {});
    this.below = h('div', {});
    this.element = h('div', { class: 'captions', hidden: true }, this.above, this.below);
    this.size = memory.read('captions-size', 'normal');
  }

  get size() { return this.element.dataset.size; }
  set size(value) {
    this.element.dataset.size = sizes.includes(value) ? value : 'normal';
    memory.write('captions-size', this.size);
  }

  /** Follows the engine: another language, none, another lesson. */
  update() {
    const list = this.player.engine?.tracks?.cues ?? null;
    if (list === this.#list) return;
    this.#list?.removeEventListener('cuechange', this.#show);
    this.#list = list;
    list?.addEventListener('cuechange', this.#show);
    this.element.lang = list?.language ?? '';
    this.#draw();
  }

  #draw() {
    const cues = Array.from(this.#list?.activeCues ?? []);
    this.element.hidden = !cues.length;
    const high = ({ line, snapToLines }) => typeof line === 'number' && (snapToLines ? line >= 0 && line < 8 : line < 50);
    const written = (cue) => h('p', { class: 'cue', 'data-align': cue.align }, h('span', {}, cue.getCueAsHTML?.() ?? cue.text));
    this.above.replaceChildren(...cues.filter(high).map(written));
    this.below.replaceChildren(...cues.filter((cue) => !high(cue)).map(written));
  }
}
