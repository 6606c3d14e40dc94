// Tells the server where somebody stands: every few seconds while it plays, at once when it pauses, jumps, ends, or goes out
// of sight; with the last word the place among the streams is free.
import * as catalog from './catalog.js';

/** Milliseconds between two reports while it plays. */
const every = 5000;

export class Report {
  #session; #player; #off = new AbortController(); #last = 0; #said = ''; #ended = false; #busy = false; #due = false;

  constructor(session, player) {
    this.#session = session;
    this.#player = player;
    const on = (target, names, call) => names.split(' ').forEach((name) => target.addEventListener(name, call, { signal: this.#off.signal }));
    on(player.video, 'timeupdate', () => { if (!player.video.paused && performance.now() - this.#last > every) this.#tell(); });
    on(player.video, 'pause ended seeked', () => this.#tell());
    on(globalThis, 'online', () => this.#tell());
    on(document, 'visibilitychange', () => { if (document.hidden && this.#known) catalog.reportLast(this.#session, this.#at, this.#state); });
    on(globalThis, 'pagehide', () => this.end());
  }

  get #at() { return Math.round(this.#player.position * 10) / 10; }
  get #state() { return this.#player.video.paused ? 'paused' : 'playing'; }
  /** Before a picture stood there is no place to tell: it would take the one that is kept. */
  get #known() { return this.#player.startup !== null && !this.#ended; }

  /** One report at a time; what happened meanwhile is told behind it. */
  async #tell() {
    if (!this.#known) return;
    if (this.#busy) { this.#due = true; return; }
    const at = this.#at, state = this.#state, words = `${state} ${at}`;
    if (words === this.#said) return;
    this.#last = performance.now();
    this.#busy = true;
    this.#said = await catalog.report(this.#session, at, state).then(() => words, () => '');
    this.#busy = false;
    if (!this.#due) return;
    this.#due = false;
    this.#tell();
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
