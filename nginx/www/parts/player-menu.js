// Settings over the picture: quality with true bit rates, captions, sound track, speed, statistics. A popover: Escape and a click
// outside close it, the focus returns.
import { h, icon } from '../lib/dom.js';
import { bitRate, trackName } from '../lib/format.js';
import { words } from '../lib/text.js';
import { speeds } from './player.js';
import { sizes } from './player-captions.js';

const text = words.player;
let count = 0;

/** Puts a popover over the right end of the player's bar, or as a sheet at the bottom where the player is small. */
export function place({ style }, player) {
  const box = player.getBoundingClientRect(), sheet = box.width < 480;
  style.insetBlockEnd = `${sheet ? 8 : Math.max(8, innerHeight - box.bottom + 64)}px`;
  style.insetInlineEnd = `${sheet ? 8 : Math.max(8, document.documentElement.clientWidth - box.right + 8)}px`;
  style.maxBlockSize = `${sheet ? innerHeight * 0.7 : Math.max(200, Math.min(box.bottom, innerHeight) - 80)}px`;
}

export class Menu {
  constructor(player) {
    this.player = player;
    this.id = `menu-${count += 1}`;
    this.quality = h('fieldset', {}, h('legend', {}, text.quality));
    this.speed = h('fieldset', { class: 'speeds' }, h('legend', {}, text.speed));
    this.sound = h('fieldset', { hidden: true }, h('legend', {}, text.sound));
    this.captions = h('fieldset', { hidden: true }, h('legend', {}, text.captions));
    this.size = h('fieldset', { class: 'speeds', hidden: true }, h('legend', {}, text.size));
    this.chapters = h('button', { type: 'button', hidden: true, onclick: () => { this.hide(); player.chapters.toggle(); } }, text.chapters);
    this.element = h('div', { class: 'menu', popover: 'auto', role: 'dialog', 'aria-label': text.settings },
      this.quality, this.captions, this.size, this.sound, this.speed,
      h('div', { class: 'row' }, this.chapters,
        h('button', { type: 'button', onclick: () => { this.hide(); player.stats.toggle(); } }, text.stats),
        h('button', { type: 'button', 'aria-label': text.close, onclick: () => this.hide() }, icon('close'))));
    this.element.addEventListener('toggle', (event) => {
      const open = event.newState === 'open';
      player.bar.settings.setAttribute('aria-expanded', String(open));
      if (open) (this.element.querySelector('input:checked') ?? this.element.querySelector('button')).focus();
      else player.wakeControls();
    });
    this.#fill(this.speed, 'speed', speeds.map((value) => [value, value === 1 ? text.normal : `${value}×`, '']), (value) => player.speed(Number(value)));
    this.#fill(this.size, 'size', sizes.map((name) => [name, text.sizes[name], '']), (value) => { player.captions.size = value; });
  }

  get open() { return this.element.matches(':popover-open'); }
  hide() { if (this.open) this.element.hidePopover(); }

  toggle() {
    if (this.open) return this.hide();
    this.update();
    place(this.element, this.player);
    this.element.showPopover({ source: this.player.bar.settings });
  }

  #fill(set, name, choices, run) {
    const old = set.querySelector('input:focus')?.value;
    set.replaceChildren(set.firstChild, ...choices.map(([value, label, more]) => h('label', {},
      h('input', { type: 'radio', name: `${this.id}-${name}`, value, onchange: () => run(value) }), h('span', {}, label), more && h('span', { class: 'more' }, more))));
    if (old !== undefined) set.querySelector(`input[value="${CSS.escape(old)}"]`)?.focus();
  }

  /** A list of tracks, filled again only when it is another one; hidden when there is nothing to choose. */
  #list(set, name, tracks, run, chosen) {
    const shape = JSON.stringify(tracks);
    set.hidden = !tracks.length;
    if (set.shape !== shape) this.#fill(set, name, tracks.map((track) => [track.index, trackName(track), '']), (value) => { run(Number(value)); this.update(); });
    set.shape = shape;
    this.#mark(set, chosen);
  }

  #mark(set, value) {
    const input = set.querySelector(`input[value="${value}"]`);
    if (input && !input.checked) input.checked = true;
  }

  /** Follows the engine: what there is, what plays. */
  update() {
    const { engine, bar, video, chapters } = this.player;
    if (!engine) return;
    const { levels, playing, automatic, tracks } = engine, captions = tracks?.captions ?? [], sounds = tracks?.sounds ?? [];
    const auto = playing && automatic ? `${text.auto} (${playing.name})` : text.auto;
    const shape = JSON.stringify([levels, auto]);
    if (shape !== this.shape) {
      this.shape = shape;
      this.#fill(this.quality, 'quality', levels.length ? [[-1, auto, ''], ...levels.map((level) => [level.index, level.name, bitRate(level.rate)])] : [[-1, text.native, '']],
        (value) => this.player.engine?.choose(Number(value)));
    }
    this.#mark(this.quality, automatic ? -1 : engine.loading?.index);
    this.#mark(this.speed, video.playbackRate);
    this.#list(this.captions, 'captions', captions.length ? [{ index: -1, name: text.off }, ...captions] : [], (value) => { this.player.engine.tracks.caption = value; }, tracks?.caption);
    this.#list(this.sound, 'sound', sounds.length > 1 ? sounds : [], (value) => { this.player.engine.tracks.sound = value; }, tracks?.sound);
    this.size.hidden = !captions.length;
    this.#mark(this.size, this.player.captions.size);
    this.chapters.hidden = !chapters.list.length;
    bar.captions.hidden = !captions.length;
    bar.captions.setAttribute('aria-pressed', String((tracks?.caption ?? -1) >= 0));
    bar.quality.textContent = playing ? (automatic ? auto : playing.name) : '';
  }
}
