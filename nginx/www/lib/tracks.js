// Which sound and which captions there are, which are chosen, and what this viewer chose last time: by hls.js, or by the
// element's own lists where the browser plays HLS itself. Captions are never shown by the browser: see parts/captions.js.
import { memory } from './dom.js';

const nobody = { name: '\u0000' };
const written = ({ kind, label }) => ['subtitles', 'captions'].includes(kind) && Boolean(label);

export class Tracks {
  #video; #hls;

  /** `hls` is null where the browser plays HLS itself. */
  constructor(video, hls) {
    this.#video = video;
    this.#hls = hls;
    const sound = memory.read('sound', ''), captions = memory.read('captions', '');
    if (!hls) return;
    hls.subtitleDisplay = false;
    hls.config.audioPreference = sound ? { lang: sound } : undefined;
    hls.config.subtitlePreference = captions ? { lang: captions } : nobody;
  }

  /** The sound tracks: {index, name, lang}. */
  get sounds() {
    if (this.#hls) return this.#hls.audioTracks.map(({ name, lang }, index) => ({ index, name, lang }));
    return Array.from(this.#video.audioTracks ?? [], ({ label, language }, index) => ({ index, name: label, lang: language }));
  }
  get sound() {
    return this.#hls ? this.#hls.audioTrack : Array.from(this.#video.audioTracks ?? []).findIndex((track) => track.enabled);
  }
  set sound(index) {
    const { lang = '', name } = this.sounds[index];
    memory.write('sound', lang);
    if (!this.#hls) Array.from(this.#video.audioTracks).forEach((track, other) => { track.enabled = other === index; });
    else { this.#hls.config.audioPreference = lang ? { lang, name } : undefined; this.#hls.audioTrack = index; }
  }

  get #written() { return Array.from(this.#video.textTracks).filter(written); }

  /** The captions: {index, name, lang}. */
  get captions() {
    if (this.#hls) return this.#hls.subtitleTracks.map(({ name, lang }, index) => ({ index, name, lang }));
    return this.#written.map(({ label, language }, index) => ({ index, name: label, lang: language }));
  }
  /** The index of the chosen captions, -1 for none. */
  get caption() { return this.#hls ? this.#hls.subtitleTrack : this.#written.findIndex((track) => track.mode !== 'disabled'); }
  set caption(index) {
    const { lang = '', name } = this.captions[index] ?? {};
    memory.write('captions', index < 0 ? '' : lang || name);
    if (index >= 0) memory.write('captions-last', lang || name);
    this.#choose(index, index < 0 ? nobody : { lang: lang || undefined, name });
  }

  #choose(index, preference) {
    if (this.#hls) { this.#hls.config.subtitlePreference = preference; this.#hls.subtitleTrack = index; return; }
    this.#written.forEach((track, other) => { const mode = other === index ? 'hidden' : 'disabled'; if (track.mode !== mode) track.mode = mode; });
  }

  /** Without captions until somebody asks again: they can't be had. Nothing is remembered of it. */
  drop() { this.#choose(-1, nobody); }

  /** Captions on or off: the language read last, else the browser's, else the first. */
  toggle() {
    const all = this.captions, last = memory.read('captions-last', '');
    if (this.caption >= 0) { this.caption = -1; return; }
    const wanted = [last, ...navigator.languages].filter(Boolean);
    const found = wanted.map((name) => all.find(({ lang = '' }) => lang === name || lang.split('-')[0] === name.split('-')[0])).find(Boolean);
    if (all.length) this.caption = (found ?? all[0]).index;
  }

  /** Where the browser plays HLS itself and lists captions: those chosen last time are on again, and it shows none. */
  settle() {
    const wanted = memory.read('captions', '');
    if (!this.#hls) this.#choose(wanted ? this.captions.findIndex(({ lang, name }) => (lang || name) === wanted) : -1);
  }

  /** The element's list that holds the cues of the captions chosen, or null. */
  get cues() { return this.#written.find((track) => track.mode !== 'disabled') ?? null; }
}
