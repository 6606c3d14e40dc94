// Brings a lesson into a <video>: hls.js with the token in a header wherever Media Source Extensions exist (browsers
// that play HLS themselves send no header), the path token elsewhere. Knows tokens, renewal and refusals; shows nothing.
//
// Events: `ready` (once: it can start), `levels` (rungs, sounds, captions: the list or the choice changed), `beside` (detail: what stands
// beside the lesson, see beside.js), `refused` (detail: Refusal), `reconnecting` (detail: true or false), `reloading` and `reloaded` (around a
// reload at the same position).
import * as api from './api.js';
import { Refusal } from './api.js';
import { beside, renditions } from './beside.js';
import { memory } from './dom.js';
import { loadHls } from './hls.js';
import { Pass } from './pass.js';
import { Tracks } from './tracks.js';

const again = { timeoutRetry: { maxNumRetry: 4, retryDelayMs: 500, maxRetryDelayMs: 4000 }, errorRetry: { maxNumRetry: 12, retryDelayMs: 1000, maxRetryDelayMs: 8000 } };
const patient = { default: { maxTimeToFirstByteMs: 10000, maxLoadTimeMs: 120000, ...again } };

export class Engine extends EventTarget {
  #video; #pass; #hls = null; #destroyed = false; #started = false; #failures = 0; #mediaFailures = 0; #reloaded = 0; #watch = 0; #wanted = null; #off = new AbortController();
  /** Whether pictures and sound of the source, as it was read last, are being fetched. */
  #fetching = false;
  /** Where it is to stand, in seconds, until it does: then null. */
  #to = 0;
  /** While the source is read again: what is to go on then. */
  #reading = null; #holding = false;
  /** The master as it was read last, and whether somebody asked for news of it meanwhile. */
  #master = ''; #asked = false;
  stalls = 0;
  tracks = null;
  /** While the lesson is still being made a native player is given more time. */
  growing = false;

  /** `mint(sessionId)` gives a token answer of the API; the same `sessionId` renews. */
  constructor(video, mint) {
    super();
    this.#video = video;
    this.#pass = new Pass(mint, () => !this.paused);
    const on = (name, call) => video.addEventListener(name, call, { signal: this.#off.signal });
    on('play', () => { this.#started = true; this.#pass.wake(); });
    for (const name of ['pause', 'seeking', 'waiting']) on(name, () => { if (this.#wanted) this.#reload(); });
    on('playing', () => { this.#failures = 0; this.#tell('reconnecting', false); });
    for (const name of ['loadeddata', 'seeked', 'timeupdate', 'playing']) on(name, () => this.#arrived(name));
    on('loadeddata', () => { if (this.#holding) { this.#holding = false; this.#tell('reloaded'); } });
    addEventListener('online', () => { if (this.#started) this.#resume(); }, { signal: this.#off.signal });
  }

  #tell(name, detail) { if (!this.#destroyed) this.dispatchEvent(new CustomEvent(name, { detail })); }

  get session() { return this.#pass.session; }
  get renewsIn() { return this.#pass.left; }
  get native() { return !this.#hls; }
  get bandwidth() { return this.#hls?.bandwidthEstimate ?? NaN; }

  /** The rungs from the best down: {index, name, rate (bits a second, measured where the playlist says), width, height}. */
  get levels() {
    return (this.#hls?.levels ?? []).map((level, index) => ({
      index, width: level.width, height: level.height, name: `${Math.min(level.width, level.height) || level.height}p`, rate: level.averageBitrate || level.bitrate,
    })).sort((a, b) => b.height - a.height || b.rate - a.rate);
  }
  get playing() { return this.levels.find((level) => level.index === this.#hls.currentLevel); }
  get loading() { return this.levels.find((level) => level.index === this.#hls.loadLevel); }
  get automatic() { return !this.#hls || this.#hls.autoLevelEnabled; }

  /** Where the lesson stands, or is about to: while it is opened or read again the element itself says 0. */
  get position() { return this.#to ?? this.#video.currentTime; }
  /** Whether there is more to play than is loaded; it joins at the next pause, seek or stall. */
  get waits() { return this.#wanted !== null; }
  get paused() { return this.#reading ? !this.#reading.playing : this.#video.paused; }

  play() {
    if (this.#reading) this.#reading.playing = true;
    else return this.#video.play();
    return Promise.resolve();
  }
  pause() {
    if (this.#reading) this.#reading.playing = false;
    this.#video.pause();
  }

  /** Goes to a position in seconds; one that nothing was shown of yet is where it begins, and fetching begins there. */
  seek(to) {
    const video = this.#video, hls = this.#hls;
    if (this.#to === null) { video.currentTime = to; return; }
    this.#to = to;
    if (hls) {
      hls.config.startPosition = to;
      if (this.#reading) return;
      if (this.#started && hls.levels.length) this.#fetch(to);
    }
    if (video.readyState) video.currentTime = to;
  }

  /** A place kept from a longer lesson than this one: it begins at the beginning, or where one that grows has come to. */
  #fits(end, grows) { if (!this.#reloaded && this.#to > 0 && this.#to >= end - 0.5) this.seek(grows ? Math.max(0, end - 12) : 0); }

  /** The place it was sent to is reached once there are pictures of it. */
  #arrived(name) {
    const video = this.#video;
    if (this.#to === null || this.#reading || video.readyState < 2 || video.seeking) return;
    if (name === 'playing' || Math.abs(video.currentTime - this.#to) < 2) this.#to = null;
  }

  /** What stands beside the lesson, with its token: `text` or `blob`. */
  async fetch(url, kind) {
    const ask = () => api.beside(url, this.#hls ? this.#pass.token : '', kind);
    try { return await ask(); } catch (error) {
      if (error.code !== 'token_expired') throw error;
      await this.#pass.renew();
      return ask();
    }
  }

  /** A rung's index, or -1 to choose by bandwidth. */
  choose(index) {
    if (index < 0) this.#hls.loadLevel = -1;
    else this.#hls.nextLevel = index;
    this.#tell('levels');
  }

  /** Gets a token and opens the lesson at a position in seconds. Segments are fetched from `start` on. */
  async open(at = 0) {
    this.#to = at;
    try {
      const Hls = await loadHls().catch(() => { throw new Refusal('player'); });
      await this.#pass.renew();
      if (this.#destroyed) return;
      if (Hls) this.#openHls(Hls);
      else this.#openNative();
    } catch (error) { this.#refuse(error); }
  }

  /** Starts fetching pictures and sound. */
  start() {
    this.#started = true;
    if (this.#hls && !this.#fetching && !this.#reading) this.#fetch(this.position);
  }

  /** Fetches from a position on. hls.js keeps sound that came before the first picture, also when it is sent elsewhere, and never gets over
   it: until there is a picture another place means another beginning. */
  #fetch(at) {
    if (this.#fetching && !this.#video.readyState) return this.#reload();
    this.#fetching = true;
    this.#hls.startLoad(at);
  }

  #openHls(Hls) {
    const origin = location.origin;
    const hls = this.#hls = new Hls({
      autoStartLoad: false, startPosition: this.#to ?? 0, maxBufferLength: 30, maxMaxBufferLength: 60, maxBufferSize: 0, backBufferLength: 60, enableWorker: false,
      capLevelToPlayerSize: true, startFragPrefetch: true, enableCEA708Captions: false, fragLoadPolicy: patient, keyLoadPolicy: patient,
      abrEwmaDefaultEstimate: memory.read('bandwidth', 2000000),
      xhrSetup: (call, url) => {
        call.open('GET', url, true);
        if (new URL(url, location.href).origin === origin) call.setRequestHeader('Authorization', `Bearer ${this.#pass.token}`);
      },
    });
    this.tracks = new Tracks(this.#video, hls);
    hls.on(Hls.Events.MANIFEST_LOADED, (_, data) => this.#read(data.networkDetails?.responseText ?? '', data.url));
    hls.on(Hls.Events.MANIFEST_PARSED, () => { this.#tell('levels'); this.#goOn(); });
    hls.once(Hls.Events.MANIFEST_PARSED, () => this.#tell('ready'));
    for (const name of ['LEVEL_SWITCHED', 'LEVEL_UPDATED', 'AUDIO_TRACKS_UPDATED', 'AUDIO_TRACK_SWITCHED', 'SUBTITLE_TRACKS_UPDATED', 'SUBTITLE_TRACK_SWITCH']) hls.on(Hls.Events[name], () => this.#tell('levels'));
    hls.on(Hls.Events.LEVEL_UPDATED, (_, { details }) => this.#fits(details.edge, details.live));
    hls.on(Hls.Events.FRAG_BUFFERED, () => { this.#mediaFailures = 0; if (hls.bandwidthEstimate > 0) memory.write('bandwidth', Math.round(hls.bandwidthEstimate)); });
    hls.on(Hls.Events.ERROR, (_, data) => this.#failed(Hls, data));
    hls.attachMedia(this.#video);
    this.#load();
  }

  /** Some native players stand still after a start that failed, or where a lesson that grew while it played became whole: they are given the source again. */
  #openNative() {
    const video = this.#video;
    const signal = this.#off.signal;
    this.tracks = new Tracks(video, null);
    video.addEventListener('error', () => this.#nativeFailed(), { signal });
    for (const list of [video.textTracks, video.audioTracks].filter(Boolean))
      for (const name of ['addtrack', 'removetrack', 'change']) list.addEventListener(name, () => { this.tracks.settle(); this.#tell('levels'); }, { signal });
    this.#setNative(this.position);
    this.#tell('ready');
    const url = this.#pass.pathAddress;
    api.playlist(url, '', 2).then((text) => this.#read(text, url), () => { /* the element says why it doesn't play */ });
    let last = 0, still = 0, tries = 0;
    this.#watch = setInterval(() => {
      const stuck = !video.paused && !video.seeking && !video.ended && video.readyState && video.currentTime === last;
      last = video.currentTime;
      still = stuck ? still + 1 : 0;
      if (still < (video.readyState >= 3 ? 3 : 6) || tries > 4) return;
      still = 0;
      tries += 1;
      this.#reload();
    }, 2000);
  }

  #setNative(at) {
    const video = this.#video;
    this.#to = at;
    video.src = this.#pass.pathAddress;
    video.addEventListener('loadedmetadata', () => { this.#fits(video.duration, this.growing); if (this.#to > 0) video.currentTime = this.#to; }, { once: true });
  }

  /** A native player doesn't say why it failed: the playlist is asked for, and its refusal read. */
  async #nativeFailed() {
    if (!this.#video.error || this.#destroyed) return;
    const at = this.position;
    try { await api.playlist(this.#video.src); } catch (error) {
      if (error.code === 'token_expired') return this.#pass.renew().then(() => this.#setNative(at), (other) => this.#refuse(other));
      return this.#refuse(error);
    }
    this.#failures += 1;
    if (this.#failures > (this.growing ? 200 : 4)) return this.#refuse(new Refusal('media'));
    setTimeout(() => { if (!this.#destroyed) { this.#setNative(at); if (this.#started) this.#video.play().catch(() => {}); } }, 1500);
  }

  #failed(Hls, data) {
    const hls = this.#hls, status = data.response?.code ?? 0;
    const later = performance.now() - this.#reloaded > 10000;
    if (this.#ofCaptions(data)) {
      if (data.fatal || (status >= 400 && status < 500 && status !== 401)) { this.tracks.drop(); this.#tell('levels'); }
      if (status !== 401) return;
    }
    if (status === 404 && data.details !== Hls.ErrorDetails.MANIFEST_LOAD_ERROR && later) return this.#reload();
    if (status >= 400 && status < 500) {
      const code = data.networkDetails?.getResponseHeader?.('X-Reelgate-Reason') || 'refused';
      hls.stopLoad();
      if (code === 'token_expired') return void this.#pass.renew().then(() => this.#resume(), (error) => this.#refuse(error));
      return this.#refuse(new Refusal(code, { status }));
    }
    if (data.details === Hls.ErrorDetails.BUFFER_STALLED_ERROR && this.#video.currentTime > hls.config.startPosition + 0.5) this.stalls += 1;
    if (!data.fatal) return;
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && this.#mediaFailures++ < 3) {
      const playing = !this.#video.paused;
      hls.recoverMediaError();
      if (playing) this.#video.play().catch(() => {});
      return;
    }
    if (data.type !== Hls.ErrorTypes.NETWORK_ERROR) return this.#refuse(new Refusal('media'));
    this.#failures += 1;
    if (this.#failures > 8) return this.#refuse(new Refusal(status === 503 ? 'gate_unavailable' : navigator.onLine ? 'unreachable' : 'offline', { status }));
    this.#tell('reconnecting', true);
    setTimeout(() => this.#resume(), Math.min(1000 * 2 ** (this.#failures - 1), 15000));
  }

  /** Captions that fail never end the lesson. */
  #ofCaptions({ details, frag, context, parent }) {
    return frag?.type === 'subtitle' || parent === 'subtitle' || context?.type === 'subtitleTrack' || /^subtitle/.test(details);
  }

  #load() { this.#fetching = false; this.#hls.loadSource(this.#pass.address); }

  /** Goes on fetching after a renewal or a broken connection. */
  #resume() {
    if (this.#destroyed || !this.#hls) return;
    if (this.#hls.levels.length) { if (this.#started) this.#fetch(this.#to ?? -1); }
    else this.#load();
  }

  #refuse(error) {
    if (this.#destroyed) return;
    this.#hls?.stopLoad();
    this.#tell('refused', error instanceof Refusal ? error : new Refusal('player', { detail: String(error) }));
  }

  /** A master was read: what stands beside the lesson may be new. */
  #read(master, url) {
    this.#master = master;
    this.#tell('beside', beside(master, url));
  }

  /** There may be more: reads the master, and where it names more to play loads it at the next pause, seek or stall, at the latest in `patience` seconds. */
  async refresh(patience = 8) {
    const video = this.#video;
    if (!this.#pass.session || this.#destroyed) return;
    if (this.#hls) {
      if (!this.#master || this.#reading) { this.#asked = true; return; }
      const url = this.#pass.address, known = renditions(this.#master);
      const master = await api.playlist(url, this.#pass.token, 2).catch(() => '');
      if (!master || this.#destroyed) return;
      this.#read(master, url);
      if ([...renditions(master)].every((uri) => known.has(uri))) return;
    }
    this.#wanted ??= setTimeout(() => this.#reload(), patience * 1000);
    if (video.paused || video.seeking || video.readyState < 3) this.#reload();
  }

  /** Loads the source again where it stands; a chosen rung stays chosen, what is asked for meanwhile counts. */
  #reload() {
    clearTimeout(this.#wanted);
    this.#wanted = null;
    const video = this.#video, hls = this.#hls, playing = !video.paused;
    if (this.#destroyed || this.#reading || video.ended) return;
    this.#reloaded = performance.now();
    this.#holding = true;
    this.#tell('reloading');
    this.#to = this.position;
    if (!hls) {
      this.#setNative(this.#to);
      if (playing) video.play().catch(() => {});
      return;
    }
    const height = this.automatic ? null : this.levels.find((level) => level.index === hls.loadLevel)?.height;
    this.#reading = { playing, rate: video.playbackRate, height };
    hls.config.startPosition = this.#to;
    this.#load();
    if (!hls.media) hls.attachMedia(video);
  }

  /** The source was read again: on where it stood, or where it was sent meanwhile. */
  #goOn() {
    const video = this.#video, hls = this.#hls, reading = this.#reading;
    this.#reading = null;
    if (reading) {
      const level = this.levels.find((level) => level.height === reading.height);
      if (level) hls.loadLevel = level.index;
      video.playbackRate = reading.rate;
      if (this.#started) this.#fetch(this.#to);
      else { this.#holding = false; this.#tell('reloaded'); }
      if (this.#started && reading.playing) video.play().catch(() => {});
    }
    if (this.#asked) { this.#asked = false; this.refresh(); }
  }

  destroy() {
    this.#destroyed = true;
    this.#pass.close();
    clearTimeout(this.#wanted);
    clearInterval(this.#watch);
    this.#off.abort();
    this.#hls?.destroy();
    this.#video.removeAttribute('src');
    this.#video.load();
  }
}
