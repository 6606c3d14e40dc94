// What a player asks of the device around it: to stay awake while something plays, and to show it among its media keys.
export class Device {
  #lock = null;

  async stayAwake(on) {
    if (!on) { this.#lock?.release().catch(() => {}); this.#lock = null; return; }
    if (this.#lock && !this.#lock.released) return;
    this.#lock = await navigator.wakeLock?.request('screen').catch(() => null) ?? null;
  }

  /** Title, poster and keys, as headsets and lock screens have them. */
  announce(player, { title = '', by = '' }, poster) {
    const media = navigator.mediaSession;
    if (!media) return;
    media.metadata = new MediaMetadata({ title, artist: by, artwork: poster ? [{ src: poster }] : [] });
    const chapter = player.chapters.list.length > 1;
    const actions = {
      play: () => player.play(), pause: () => player.pause(), seekbackward: () => player.skip(-10), seekforward: () => player.skip(10), seekto: (to) => player.seek(to.seekTime),
      previoustrack: chapter ? () => player.chapters.step(-1) : null, nexttrack: chapter ? () => player.chapters.step(1) : null,
    };
    for (const [name, run] of Object.entries(actions)) try { media.setActionHandler(name, run); } catch { /* not every browser has each */ }
  }
}
