// The chapters of a lesson: marks on the seek line, the present one's title on the bar, a list of them, and the steps to
// the next and the one before.
import { h, icon } from '../lib/dom.js';
import { clock } from '../lib/format.js';
import { words } from '../lib/text.js';
import { cues, holding, plain } from '../lib/vtt.js';
import { place } from './player-menu.js';

const text = words.player;
/** Within this many seconds of a chapter's beginning, "previous" means the one before. */
const near = 3;

export class Chapters {
  list = [];
  #now = null;

  constructor(player) {
    this.player = player;
    this.marks = h('div', { class: 'marks', 'aria-hidden': 'true' });
    this.button = h('button', { type: 'button', class: 'control chapter', hidden: true, 'aria-haspopup': 'dialog', 'aria-expanded': 'false', onclick: () => this.toggle() }, h('span', {}));
    this.items = h('ol', {});
    this.element = h('div', { class: 'menu', popover: 'auto', role: 'dialog', 'aria-label': text.chapters },
      h('div', { class: 'spread' }, h('h2', { class: 'small' }, text.chapters), h('button', { type: 'button', 'aria-label': text.close, onclick: () => this.hide() }, icon('close'))), this.items);
    this.element.addEventListener('toggle', (event) => {
      const open = event.newState === 'open';
      this.button.setAttribute('aria-expanded', String(open));
      if (open) (this.items.querySelector('[aria-current]') ?? this.element.querySelector('button')).focus();
      else player.wakeControls();
    });
  }

  get open() { return this.element.matches(':popover-open'); }
  hide() { if (this.open) this.element.hidePopover(); }
  toggle() {
    if (this.open) return this.hide();
    if (!this.list.length) return;
    place(this.element, this.player);
    this.element.showPopover({ source: this.button });
  }

  /** From WebVTT; nothing, or what can't be read, means no chapters. */
  read(vtt) {
    this.list = cues(vtt).map(({ from, to, text }) => ({ from, to, title: plain(text) })).filter(({ title }) => title);
    this.button.hidden = !this.list.length;
    this.#now = null;
    this.hide();
    this.items.replaceChildren(...this.list.map((chapter) => h('li', {}, h('button', { type: 'button', onclick: () => { this.hide(); this.player.seek(chapter.from); } },
      h('span', {}, chapter.title), h('span', { class: 'more' }, clock(chapter.from))))));
    this.#mark(this.player.bar.duration);
    this.tick(this.player.position);
  }

  /** The chapter at a moment, or undefined. */
  at(seconds) {
    const chapter = this.list[holding(this.list, seconds + 0.01)];
    return chapter && seconds < Math.max(chapter.to, chapter.from + 1) ? chapter : undefined;
  }

  /** To the next chapter (1), or to this one's beginning and then the one before (-1). */
  step(way) {
    const now = this.player.position, index = holding(this.list, now + 0.01);
    const to = way > 0 ? this.list[index + 1] : now - (this.list[index]?.from ?? 0) > near ? this.list[index] : this.list[index - 1];
    if (way > 0 && !to) return;
    this.player.seek(to?.from ?? 0);
    if (to) this.player.say(to.title);
  }

  #mark(duration) {
    this.marked = duration;
    this.marks.replaceChildren(...(duration ? this.list : []).filter(({ from }) => from > 0.5 && from < duration)
      .map(({ from }) => { const mark = h('span', {}); mark.style.insetInlineStart = `${from / duration * 100}%`; return mark; }));
  }

  tick(now) {
    if (!this.list.length && !this.#now) return;
    if (this.marked !== this.player.bar.duration) this.#mark(this.player.bar.duration);
    const chapter = this.at(now) ?? null;
    if (chapter === this.#now) return;
    this.#now = chapter;
    this.button.firstChild.textContent = chapter?.title ?? text.chapters;
    this.button.setAttribute('aria-label', chapter ? `${text.chapters}: ${chapter.title}` : text.chapters);
    this.list.forEach((other, index) => {
      const button = this.items.children[index].firstChild;
      if (other === chapter) button.setAttribute('aria-current', 'true'); else button.removeAttribute('aria-current');
    });
  }
}
