// The one place that knows how hls.js is packed: a standard ES module (class as default export), or the bundle taken
// at set-up, whose export `t(video, url, ready)` returns an instance.
let loaded;

/** The Hls class, or null where the browser has no Media Source Extensions. */
export function loadHls() {
  if (!globalThis.MediaSource && !globalThis.ManagedMediaSource) return Promise.resolve(null);
  loaded ??= import('/vendor/hls.js').then((module) => {
    const Hls = typeof module.default === 'function' ? module.default : module.Hls ?? unpack(module.t);
    return Hls.isSupported() ? Hls : null;
  }).catch((error) => { loaded = undefined; throw error; });
  return loaded;
}

/** An instance is made only to learn its class; its request is withdrawn before it leaves. */
function unpack(make) {
  const probe = make(document.createElement('video'), new URL('/vendor/hls.js', location.href).href, () => {});
  const Hls = probe.constructor;
  probe.destroy();
  return Hls;
}
