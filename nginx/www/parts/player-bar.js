// The bar under the picture: seek line with its preview, play, volume, time, chapter, captions, settings, picture in
// picture, full screen.
import { h, icon } from '../lib/dom.js';
import { clock, spoken } from '../lib/format.js';
import { words } from '../lib/text.js';
import { Preview } from './player-preview.js';

const text = words.player;

export class Bar {
  #drag = false;

  constructor(player) {
    this.player = player;
    const button = (name, picture, run, more = {}) => h('button', { type: 'button', class: `control ${name}`, onclick: run, ...more }, icon(picture));
    this.line = h('input', { type: 'range', class: 'line', min: 0, max: 1, step: 'any', value: 0, 'aria-label': text.seek });
    this.preview = new Preview(player);
    this.play = button('play', 'play', () => player.toggle());
    this.sound = button('sound', 'loud', () => player.mute());
    this.level = h('input', { type: 'range', class: 'level', min: 0, max: 1, step: 0.05, 'aria-label': text.volume });
    this.time = h('span', { class: 'time' }, '0:00');
    this.quality = h('span', { class: 'quality' });
    this.settings = button('settings', 'settings', () => player.menu.toggle(), { 'aria-label': text.settings, 'aria-haspopup': 'dialog', 'aria-expanded': 'false' });
    this.captions = button('captions-button', 'captions', () => player.toggleCaptions(), { 'aria-label': text.captions, 'aria-pressed': 'false', hidden: true });
    this.previous = button('step', 'previous', () => player.chapters.step(-1), { 'aria-label': text.previous, hidden: true });
    this.next = button('step', 'next', () => player.chapters.step(1), { 'aria-label': text.next, hidden: true });
    this.inset = button('inset', 'inset', () => player.inset(), { 'aria-label': text.inset, hidden: !document.pictureInPictureEnabled });
    this.full = button('full', 'full', () => player.full());
    this.element = h('div', { class: 'bar' }, this.preview.element, h('div', { class: 'track' }, this.line, player.chapters.marks),
      h('div', { class: 'buttons' }, this.previous, this.play, this.next, this.sound, this.level, this.time, player.chapters.button, h('span', { class: 'gap' }), this.quality, this.captions, this.settings, this.inset, this.full));
    this.line.addEventListener('input', () => this.#scrub());
    // A drag that ends where it began is no change: the end of the touch, or leaving the line, ends it too.
    for (const name of ['change', 'pointerup', 'pointercancel', 'blur']) this.line.addEventListener(name, () => this.#drop());
    this.line.addEventListener('pointermove', (event) => this.#point(event));
    for (const name of ['pointerleave', 'pointercancel']) this.line.addEventListener(name, () => this.preview.hide());
    this.level.addEventListener('input', () => { player.video.muted = false; player.video.volume = Number(this.level.value); });
  }

  /** How long the lesson is, as far as it is known. */
  get duration() {
    const { duration, seekable } = this.player.video;
    return Number.isFinite(duration) ? duration : seekable.length ? seekable.end(seekable.length - 1) : 0;
  }

  focus() { this.play.focus(); }

  /** While dragged the time follows the finger; the picture only where it is buffered. */
  #scrub() {
    this.#drag = true;
    const to = Number(this.line.value), { buffered } = this.player.video;
    for (let i = 0; i < buffered.length; i += 1)
      if (buffered.start(i) <= to && to < buffered.end(i)) this.player.video.currentTime = to;
    this.#paint(to);
  }

  #drop() {
    if (!this.#drag) return;
    this.#drag = false;
    this.player.seek(Number(this.line.value));
  }

  #point(event) {
    const box = this.line.getBoundingClientRect(), part = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    if (this.duration) this.preview.show(part * this.duration, part * box.width, box.width);
  }

  tick() { if (!this.#drag) this.#paint(this.player.position); }

  #paint(now) {
    const { duration } = this, { buffered } = this.player.video;
    let ahead = 0;
    for (let i = 0; i < buffered.length; i += 1) if (buffered.start(i) <= now + 0.5) ahead = Math.max(ahead, buffered.end(i));
    this.line.max = duration || 1;
    if (!this.#drag) this.line.value = now;
    this.line.style.setProperty('--played', `${duration ? now / duration * 100 : 0}%`);
    this.line.style.setProperty('--ahead', `${duration ? Math.min(1, ahead / duration) * 100 : 0}%`);
    const chapter = this.player.chapters.at(now);
    this.line.setAttribute('aria-valuetext', text.position(spoken(now), spoken(duration)) + (chapter ? `, ${chapter.title}` : ''));
    this.player.chapters.tick(now);
    this.time.textContent = duration ? `${clock(now)} / ${clock(duration)}` : clock(now);
  }

  #face(button, picture, label) {
    if (button.getAttribute('aria-label') === label) return;
    button.setAttribute('aria-label', label);
    button.replaceChildren(icon(picture));
  }

  update() {
    const { video, state } = this.player;
    const moving = state === 'playing' || (state === 'loading' && !(this.player.engine?.paused ?? true));
    this.#face(this.play, state === 'ended' ? 'replay' : moving ? 'pause' : 'play', state === 'ended' ? text.replay : moving ? text.pause : text.play);
    const silent = video.muted || video.volume === 0;
    this.#face(this.sound, silent ? 'mute' : 'loud', silent ? text.unmute : text.mute);
    const inFull = document.fullscreenElement === this.player;
    this.#face(this.full, inFull ? 'small' : 'full', inFull ? text.unfull : text.full);
    this.level.value = video.muted ? 0 : video.volume;
    this.level.style.setProperty('--played', `${this.level.value * 100}%`);
    this.line.disabled = !this.player.startup;
    this.tick();
  }
}
