// What goes on inside, for those who ask: rung, buffer, bandwidth, dropped pictures, stalls, start-up, session.
import { h, icon } from '../lib/dom.js';
import { bitRate } from '../lib/format.js';
import { words } from '../lib/text.js';
import { copyButton } from './notice.js';

const text = words.stats;
const named = (level) => level ? `${level.name} · ${level.width} × ${level.height} · ${bitRate(level.rate)}` : '–';

export class Stats {
  #timer = 0;

  constructor(player) {
    this.player = player;
    this.list = h('dl', {});
    this.element = h('div', { class: 'stats', hidden: true, role: 'group', 'aria-label': words.player.stats },
      h('button', { type: 'button', 'aria-label': `${words.player.close}: ${words.player.stats}`, onclick: () => this.hide() }, icon('close')), this.list);
  }

  toggle() {
    if (!this.element.hidden) return this.hide();
    this.element.hidden = false;
    this.#show();
    this.#timer = setInterval(() => this.#show(), 500);
  }

  hide() { clearInterval(this.#timer); this.element.hidden = true; }

  /** Seconds buffered ahead of the position. */
  #ahead(video) {
    for (let i = 0; i < video.buffered.length; i += 1)
      if (video.buffered.start(i) <= video.currentTime + 0.1 && video.currentTime < video.buffered.end(i)) return video.buffered.end(i) - video.currentTime;
    return 0;
  }

  #show() {
    const { engine, video, startup } = this.player;
    if (!engine) return;
    const frames = video.getVideoPlaybackQuality?.() ?? {};
    const rows = {
      [text.rung]: engine.native ? `${video.videoWidth} × ${video.videoHeight}` : named(engine.playing),
      [text.next]: engine.native ? '–' : named(engine.loading),
      [text.viewport]: `${video.clientWidth} × ${video.clientHeight} × ${devicePixelRatio}`,
      [text.buffer]: `${this.#ahead(video).toFixed(1)} s`,
      [text.bandwidth]: engine.bandwidth > 0 ? bitRate(engine.bandwidth) : '–',
      [text.frames]: `${frames.droppedVideoFrames ?? 0} of ${frames.totalVideoFrames ?? 0}`,
      [text.stalls]: String(engine.stalls),
      [text.start]: startup ? `${(startup / 1000).toFixed(2)} s` : '–',
      [text.transport]: engine.native ? text.path : text.mse,
      [text.token]: `${Math.round(engine.renewsIn)} s`,
      [text.session]: engine.session || '–',
    };
    Object.entries(rows).forEach(([name, value], index) => {
      const term = this.list.children[index * 2] ?? this.list.appendChild(h('dt', {}));
      const figure = this.list.children[index * 2 + 1] ?? this.list.appendChild(h('dd', {}, h('span', {})));
      if (term.textContent !== name) term.textContent = name;
      if (figure.firstChild.textContent !== value) figure.firstChild.textContent = value;
      if (name === text.session && figure.dataset.value !== value) {
        figure.dataset.value = value;
        figure.replaceChildren(h('span', {}, value), engine.session ? copyButton(value) : '');
      }
    });
  }
}
