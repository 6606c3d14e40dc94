// <rg-player>: a lesson with everything around it. Set `.source = {mint, id, title, by}` (see Engine for `mint`; with `at`, in
// seconds, it begins there and keeps no place itself); `refresh()`
// looks for new rungs; attribute `autoplay` starts at once. Tells `rg-refused` (detail: Refusal).
import { h, icon, memory } from '../lib/dom.js';
import { Engine } from '../lib/engine.js';
import { clock, trackName } from '../lib/format.js';
import { keepPosition, positionOf } from '../lib/positions.js';
import { words } from '../lib/text.js';
import { notice } from './notice.js';
import { Bar } from './player-bar.js';
import { Beside } from './player-beside.js';
import { Captions } from './player-captions.js';
import { Chapters } from './player-chapters.js';
import { Device } from './player-device.js';
import { listenForKeys } from './player-keys.js';
import { Menu } from './player-menu.js';
import { Stats } from './player-stats.js';

const text = words.player;
/** What passes by itself: the player asks again every few seconds. */
const passing = ['not_ready', 'paced', 'gate_unavailable', 'api_unavailable', 'unreachable', 'offline', 'timeout'];
export const speeds = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];

customElements.define('rg-player', class extends HTMLElement {
  #source = null; #idle = 0; #device = new Device(); #clicked = 0; #again = 0; #passing = false; #saved = 0; #tap = { time: 0, side: 0 };
  engine = null; startup = null; growing = false;

  connectedCallback() {
    if (this.video) return;
    this.classList.add('player');
    this.setAttribute('role', 'region');
    this.setAttribute('aria-label', text.label);
    const kept = memory.read('player', {});
    this.video = h('video', { playsinline: true, preload: 'metadata', '.volume': kept.volume ?? 1, '.muted': kept.muted ?? false, tabindex: '-1' });
    this.video.defaultPlaybackRate = this.video.playbackRate = speeds.includes(kept.speed) ? kept.speed : 1;
    this.still = h('canvas', { class: 'still', hidden: true, 'aria-hidden': 'true' });
    this.heading = h('p', { class: 'heading' });
    this.big = h('button', { type: 'button', class: 'big', 'aria-label': text.play, onclick: () => this.toggle() }, icon('play'));
    this.spinner = h('div', { class: 'spinner', 'aria-hidden': 'true' });
    this.bubble = h('p', { class: 'bubble', role: 'status' });
    this.toast = h('div', { class: 'toast', role: 'status', hidden: true });
    this.card = h('div', { class: 'refusal', hidden: true });
    this.stats = new Stats(this);
    this.captions = new Captions(this);
    this.chapters = new Chapters(this);
    this.menu = new Menu(this);
    this.bar = new Bar(this);
    this.beside = new Beside(this);
    this.shade = h('div', { class: 'poster' }, this.beside.poster, this.heading, this.big);
    this.replaceChildren(this.video, this.still, this.captions.element, this.shade, this.spinner, this.toast, this.stats.element, this.bar.element, this.menu.element, this.chapters.element, this.bubble, this.card);
    this.#listen();
    this.state = 'idle';
  }

  disconnectedCallback() { this.close(); }

  set state(value) {
    this.dataset.state = value;
    if (!['playing', 'loading'].includes(value)) this.removeAttribute('data-idle');
    this.bar.update();
  }
  get state() { return this.dataset.state; }

  /** Opens another lesson; null closes. */
  set source(value) {
    this.close();
    this.#source = value;
    if (!value) return;
    this.heading.textContent = value.title ?? '';
    this.#open(value.at ?? positionOf(value.id));
  }

  close() {
    this.#drop();
    this.card.hidden = true;
    this.beside.show({});
    this.state = 'idle';
  }

  #drop() {
    this.#remember();
    clearTimeout(this.#again);
    this.engine?.destroy();
    this.engine = null;
    this.startup = null;
    this.#clicked = 0;
    this.toast.hidden = this.still.hidden = true;
    this.removeAttribute('data-reconnecting');
    this.stats.hide();
    this.menu.hide();
    this.captions.update();
    this.#device.stayAwake(false);
  }

  #open(at) {
    const engine = this.engine = new Engine(this.video, this.#source.mint);
    engine.growing = this.growing;
    const on = (name, call) => engine.addEventListener(name, (event) => call(event.detail));
    on('levels', () => { this.menu.update(); this.captions.update(); });
    on('beside', (named) => this.beside.show(named));
    on('refused', (error) => this.#refused(error));
    on('reconnecting', (yes) => { this.toggleAttribute('data-reconnecting', yes); if (yes) this.say(text.reconnect); });
    on('reloading', () => this.#freeze());
    on('reloaded', () => { this.still.hidden = true; if (this.startup && engine.paused && ['playing', 'loading'].includes(this.state)) this.state = 'paused'; });
    on('ready', () => {
      if (at > 0) this.#note(text.resumed(clock(at)), text.over, () => { this.seek(0); });
      this.setAttribute('data-ready', '');
      this.card.hidden = true;
      if (this.state === 'refused') this.state = this.#clicked ? 'loading' : 'idle';
      if (this.hasAttribute('autoplay')) this.play();
      else if (this.#clicked) this.#begin();
    });
    this.removeAttribute('data-ready');
    engine.open(at);
  }

  #remember() {
    if (this.#source?.id && this.startup && this.position > 0) keepPosition(this.#source.id, this.position, this.video.duration);
  }

  // What one can do

  /** Where the lesson stands, in seconds, also while the source is read again. */
  get position() { return this.engine?.position ?? this.video.currentTime; }

  play() {
    this.#clicked ||= performance.now();
    if (this.state === 'refused') return;
    if (this.state === 'idle') {
      const held = document.activeElement === this.big;
      this.state = 'loading';
      if (held) this.bar.focus();
    }
    if (this.hasAttribute('data-ready')) this.#begin();
  }

  #begin() {
    if (!this.startup && !this.video.readyState) this.engine?.start();
    this.engine?.play().catch((error) => { if (error.name === 'NotAllowedError') { this.#clicked = 0; this.state = 'idle'; } });
  }

  toggle() {
    if (this.state === 'idle') return this.play();
    if (!this.engine || this.engine.paused) { this.play(); this.say(text.play, 'play'); } else { this.pause(); this.say(text.pause, 'pause'); }
  }

  /** Also while the source is read again, when the element itself has nothing to pause. */
  pause() {
    this.engine?.pause();
    if (this.startup && ['playing', 'loading'].includes(this.state)) this.state = 'paused';
  }

  /** Before the picture stands it says where to begin, and begins. */
  seek(to) {
    const place = Math.max(0, Math.min(to, this.bar.duration || to));
    if (!this.engine) return;
    this.engine.seek(place);
    if (!this.startup) this.play();
    this.bar.tick();
  }
  skip(by) {
    this.seek(this.position + by);
    this.say(text.position(clock(this.position), clock(this.bar.duration)));
  }
  volume(by) {
    this.video.muted = false;
    this.video.volume = Math.round(Math.max(0, Math.min(1, this.video.volume + by)) * 20) / 20;
    this.say(`${text.volume} ${Math.round(this.video.volume * 100)} %`);
  }
  mute() { this.video.muted = !this.video.muted; this.say(this.video.muted ? text.mute : text.unmute, this.video.muted ? 'mute' : 'loud'); }
  speed(value) {
    this.video.defaultPlaybackRate = this.video.playbackRate = value;
    this.say(`${text.speed} ${value}×`);
    this.menu.update();
  }
  faster(step) {
    const now = speeds.findIndex((value) => value >= this.video.playbackRate);
    this.speed(speeds[Math.max(0, Math.min(speeds.length - 1, now + step))]);
  }
  full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (this.requestFullscreen) this.requestFullscreen().catch(() => {});
    else this.video.webkitEnterFullscreen?.();
  }
  inset() {
    if (document.pictureInPictureElement) document.exitPictureInPicture();
    else this.video.requestPictureInPicture?.().catch(() => {});
  }
  /** There may be more than there was: another rung, captions, or the first picture at all. */
  refresh() {
    if (this.state === 'refused' && this.#passing) return this.#retry(true);
    return this.engine?.refresh();
  }

  toggleCaptions() {
    const { tracks } = this.engine ?? {};
    if (!tracks?.captions.length) return this.say(text.noCaptions);
    tracks.toggle();
    const chosen = tracks.captions[tracks.caption];
    this.say(chosen ? text.captionsOn(trackName(chosen)) : text.captionsOff);
    this.menu.update();
    this.captions.update();
  }

  /** Shows a word over the picture for a moment, and reads it out. */
  say(words, picture) {
    this.bubble.replaceChildren(picture ? icon(picture) : words, picture ? h('span', { class: 'away' }, words) : '');
    this.bubble.classList.remove('shown');
    void this.bubble.offsetWidth;
    this.bubble.classList.add('shown');
    this.wakeControls();
  }

  #note(words, action, run) {
    const hide = () => { this.toast.hidden = true; };
    this.toast.replaceChildren(h('span', {}, words), h('button', { type: 'button', onclick: () => { hide(); run(); } }, action));
    this.toast.hidden = false;
    clearTimeout(this.noteTimer);
    this.noteTimer = setTimeout(hide, 10000);
  }

  // What happens

  #refused(error) {
    this.video.pause();
    if (document.pictureInPictureElement === this.video) document.exitPictureInPicture();
    const held = this.contains(document.activeElement) && !this.card.contains(document.activeElement);
    this.state = 'refused';
    this.card.replaceChildren(notice(error, h('button', { type: 'button', class: 'primary', onclick: () => this.#retry() }, words.again)));
    this.card.hidden = false;
    if (held) this.card.querySelector('button.primary').focus();
    clearTimeout(this.#again);
    this.#passing = passing.includes(error.code);
    if (this.#passing) this.#again = setTimeout(() => this.#retry(true), 5000);
    this.dispatchEvent(new CustomEvent('rg-refused', { bubbles: true, detail: error }));
  }

  /** Opens the lesson again where it stood; by itself only the card stays until it is known how that went. */
  #retry(byItself) {
    const at = this.position || (this.#source.at ?? positionOf(this.#source.id));
    const begun = this.#clicked;
    this.#drop();
    this.#clicked = begun && performance.now();
    if (!byItself) {
      this.card.hidden = true;
      this.state = begun ? 'loading' : 'idle';
      if (begun) this.bar.focus(); else this.big.focus();
    }
    this.#open(at);
  }

  /** Holds the last picture while the source is loaded again. */
  #freeze() {
    const { videoWidth, videoHeight } = this.video;
    if (!videoWidth || !this.startup) return;
    Object.assign(this.still, { width: videoWidth, height: videoHeight });
    this.still.getContext('2d').drawImage(this.video, 0, 0);
    this.still.hidden = false;
  }

  /** Controls hide only while playing and idle. */
  wakeControls() {
    this.removeAttribute('data-idle');
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (this.state === 'playing' && !this.menu.open && !this.chapters.open && !this.bar.element.matches(':hover')) this.setAttribute('data-idle', '');
    }, 3000);
  }

  #listen() {
    const video = this.video, on = (names, call) => names.split(' ').forEach((name) => video.addEventListener(name, call));
    on('playing', () => {
      this.startup ??= performance.now() - this.#clicked;
      this.still.hidden = true;
      this.state = 'playing';
      this.#device.stayAwake(true);
      this.announce();
      this.wakeControls();
    });
    on('waiting', () => { if (this.state === 'playing') this.state = 'loading'; });
    on('pause', () => { if (this.startup && !video.error && this.state !== 'refused' && this.still.hidden) this.state = video.ended ? 'ended' : 'paused'; this.#device.stayAwake(false); this.#remember(); });
    on('ended', () => { this.state = 'ended'; this.#remember(); });
    on('seeked', () => { if (this.state === 'ended' && !video.ended) this.state = 'paused'; });
    on('timeupdate durationchange progress seeking seeked', () => this.bar.tick());
    on('timeupdate', () => { if (performance.now() - this.#saved > 5000) { this.#saved = performance.now(); this.#remember(); } });
    on('volumechange ratechange', () => { this.bar.update(); memory.write('player', { volume: video.volume, muted: video.muted, speed: video.defaultPlaybackRate }); });
    addEventListener('pagehide', () => this.#remember());
    document.addEventListener('visibilitychange', () => { if (!document.hidden && this.state === 'playing') this.#device.stayAwake(true); });
    document.addEventListener('fullscreenchange', () => this.bar.update());
    for (const name of ['pointermove', 'pointerdown', 'focusin', 'keydown']) this.addEventListener(name, () => this.wakeControls());
    this.addEventListener('pointerleave', () => { if (this.state === 'playing' && !this.menu.open && !this.chapters.open) this.setAttribute('data-idle', ''); });
    for (const surface of [video, this.shade]) {
      surface.addEventListener('click', (event) => { if (event.target !== this.big && !this.big.contains(event.target)) this.#touched(event); });
      surface.addEventListener('dblclick', () => { if (!this.#tap.time) this.full(); });
    }
    listenForKeys(this);
  }

  /** A mouse plays and pauses; a finger shows the controls, twice at a side it skips. */
  #touched(event) {
    if (event.pointerType !== 'touch') { this.#tap.time = 0; return this.toggle(); }
    const part = (event.clientX - this.getBoundingClientRect().left) / this.clientWidth, side = part < 0.35 ? -1 : part > 0.65 ? 1 : 0;
    const time = performance.now(), twice = time - this.#tap.time < 300 && side === this.#tap.side;
    if (twice && side) this.skip(side * 10);
    else if (this.state === 'idle') this.toggle();
    this.#tap = { time, side };
  }

  /** What the device shows of it. */
  announce() { this.#device.announce(this, this.#source ?? {}, this.beside.poster.src); }
});
