// What stands beside a lesson, brought into its player: the poster before the start, the pictures of the seek line, the
// chapters. Each may be absent, come later, or fail without harm.
import { h } from '../lib/dom.js';

export class Beside {
  #named = {};

  constructor(player) {
    this.player = player;
    this.poster = h('img', { alt: '', hidden: true, onerror: () => { this.poster.hidden = true; } });
  }

  /** Follows what the master names; nothing named takes everything away. */
  show({ poster = null, thumbnails = null, chapters = null }) {
    const { bar } = this.player;
    bar.preview.source = thumbnails;
    this.#load('poster', poster, 'blob', (image) => this.#hang(image));
    this.#load('chapters', chapters, 'text', (vtt) => this.#divide(vtt ?? ''));
  }

  /** Fetches what is new; an answer that comes after another lesson, or another version, was opened is passed over. */
  #load(name, url, kind, use) {
    const { engine } = this.player, current = () => this.player.engine === engine && this.#named[name] === url;
    if (url === (this.#named[name] ?? null)) return;
    this.#named[name] = url;
    if (!url) return use(null);
    engine.fetch(url, kind).then((found) => { if (current()) use(found); }, () => { if (current()) this.#named[name] = null; });
  }

  #hang(image) {
    if (this.poster.src) URL.revokeObjectURL(this.poster.src);
    this.poster.hidden = !image;
    if (image) this.poster.src = URL.createObjectURL(image);
    else this.poster.removeAttribute('src');
  }

  #divide(vtt) {
    const { chapters, bar, menu } = this.player;
    chapters.read(vtt);
    bar.previous.hidden = bar.next.hidden = chapters.list.length < 2;
    menu.update();
    if (this.player.startup) this.player.announce();
  }
}
