// The right to play one lesson: a token of one session that is renewed well before it ends, one request at a time.
import { local } from './api.js';

export class Pass {
  #mint; #playing; #grant = null; #renewing = null; #timer = 0; #due = false; #closed = false;

  /** `mint(sessionId)` gives a token answer of the API, the same `sessionId` renews; `playing()` says whether it is needed now. */
  constructor(mint, playing) {
    this.#mint = mint;
    this.#playing = playing;
  }

  get session() { return this.#grant?.session_id ?? ''; }
  get token() { return this.#grant?.token ?? ''; }
  /** Seconds until it ends. */
  get left() { return this.#grant ? Math.max(0, (this.#grant.until - performance.now()) / 1000) : 0; }
  /** The master's address: for the token in a header, and with a token in its path. */
  get address() { return this.#grant && local(this.#grant.playlist_url); }
  get pathAddress() { return this.#grant && local(this.#grant.path_playlist_url); }

  renew() {
    this.#renewing ??= this.#mint(this.#grant?.session_id).then((grant) => {
      this.#grant = { ...grant, until: performance.now() + grant.expires_in * 1000 };
      this.#due = false;
      clearTimeout(this.#timer);
      const ahead = Math.max(grant.expires_in - Math.max(60, grant.expires_in * 0.1), grant.expires_in / 2) * 1000;
      if (this.#closed) return;
      this.#timer = setTimeout(() => {
        if (!this.#playing()) this.#due = true;
        else this.renew().catch(() => { this.#due = true; });
      }, Math.min(ahead, 2 ** 31 - 1));
    }).finally(() => { this.#renewing = null; });
    return this.#renewing;
  }

  /** Playing goes on: what was due while nobody watched happens now. */
  wake() { if (this.#due) this.renew().catch(() => {}); }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}
