// What stands beside a lesson's picture and sound, as its master playlist names it: poster, pictures of the seek bar,
// chapters (EXT-X-SESSION-DATA with ids of ours). Each may be absent.
import { local } from './api.js';
import { cues, holding } from './vtt.js';

const kinds = ['poster', 'thumbnails', 'chapters'];
const sheetsKept = 6;

/** The addresses: {poster, thumbnails, chapters}, null where there is none. */
export function beside(master, base) {
  const found = Object.fromEntries(kinds.map((kind) => [kind, null]));
  for (const [, attributes] of master.matchAll(/^#EXT-X-SESSION-DATA:(.*)$/gm)) {
    const kind = /DATA-ID="org\.reelgate\.(\w+)"/.exec(attributes)?.[1], uri = /URI="([^"]+)"/.exec(attributes)?.[1];
    if (uri && kind in found) found[kind] = local(new URL(uri, new URL(base, location.href)));
  }
  return found;
}

/** What of a master has to be loaded again to be played: the addresses of its renditions. */
export const renditions = (master) => new Set([
  ...master.split('\n').map((line) => line.trim()).filter((line) => line && !line.startsWith('#')),
  ...[...master.matchAll(/^#EXT-X-MEDIA:.*?URI="([^"]+)"/gm)].map(([, uri]) => uri),
]);

/** The small pictures of the seek bar: which one stands for a moment, and its sheet, fetched once and kept for a while. */
export class Sprites {
  #load; #url; #list = null; #sheets = new Map();

  /** `load(url, kind)` fetches with the lesson's token. */
  constructor(url, load) {
    this.#url = url;
    this.#load = load;
  }

  /** {sheet, x, y, w, h} of a moment in seconds, or null where there is no picture. */
  async at(seconds) {
    this.#list ??= this.#read().catch(() => { setTimeout(() => { this.#list = null; }, 10000); return []; });
    const list = await this.#list, place = list[holding(list, seconds)];
    if (!place) return null;
    const sheet = await this.#sheet(place.url);
    return sheet && { ...place, sheet, w: place.w || sheet.width, h: place.h || sheet.height };
  }

  async #read() {
    const text = await this.#load(this.#url, 'text');
    return cues(text).map(({ from, text }) => {
      const url = new URL(text.split(/\s/)[0], new URL(this.#url, location.href));
      const [x = 0, y = 0, w = 0, h = 0] = (/xywh=(?:pixel:)?([\d,]+)/.exec(url.hash)?.[1] ?? '').split(',').filter(Boolean).map(Number);
      return { from, url: local(url), x, y, w, h };
    });
  }

  /** A sheet that failed is asked for again after a while, not at every movement. */
  #sheet(url) {
    let sheet = this.#sheets.get(url);
    this.#sheets.delete(url);
    sheet ??= this.#load(url, 'blob').then(createImageBitmap).catch(() => { setTimeout(() => this.#sheets.delete(url), 10000); return null; });
    this.#sheets.set(url, sheet);
    if (this.#sheets.size > sheetsKept) this.#forget(this.#sheets.keys().next().value);
    return sheet;
  }

  #forget(url) {
    this.#sheets.get(url).then((sheet) => sheet?.close());
    this.#sheets.delete(url);
  }

  close() { for (const url of [...this.#sheets.keys()]) this.#forget(url); }
}
