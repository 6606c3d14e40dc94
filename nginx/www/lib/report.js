// Tells the server where somebody stands: every few seconds while it plays, at once when it pauses, jumps, ends, or goes out
// of sight; with the last word the place among the streams is free.
import * as catalog from './catalog.js';

/** Milliseconds between two reports while it plays. */
const every = 5000;

export class Report {
  #session; #player; #off = new AbortController(); #last = 0; #said = ''; #ended = false; #busy = false;

  constructor(session, player) {
    this.#session = session;
    this.#player = player;
    const on = (target, names, call) => names.split(' ').forEach((name) => target.addEventListener(name, call, { signal: this.#off.signal }));
    on(player.video, 'timeupdate', () => { if (!player.video.paused && performance.now() - this.#last > every) this.#tell('playing'); });
    on(player.video, 'pause ended', () => this.#tell('paused'));
    on(player.video, 'seeked', () => this.#tell(player.video.paused ? 'paused' : 'playing'));
    on(document, 'visibilitychange', () => { if (document.hidden && this.#known) catalog.reportLast(this.#session, this.#at, this.#state); });
    on(globalThis, 'pagehide', () => this.end());
  }

  get #at() { return Math.round(this.#player.position * 10) / 10; }
  get #state() { return this.#player.video.paused ? 'paused' : 'playing'; }
  /** Before a picture stood there is no place to tell: it would take the one that is kept. */
  get #known() { return this.#player.startup !== null && !this.#ended; }

  async #tell(state) {
    const words = `${state} ${this.#at}`;
    if (!this.#known || this.#busy || words === this.#said) return;
    this.#last = performance.now();
    this.#said = words;
    this.#busy = true;
    await catalog.report(this.#session, this.#at, state).catch(() => { this.#said = ''; });
    this.#busy = false;
  }

  /** Nothing is told after it. */
  end() {
    if (this.#ended) return;
    const place = this.#known ? this.#at : undefined;
    this.#ended = true;
    this.#off.abort();
    catalog.endLast(this.#session, place);
  }
}
