// Where one stopped in unfinished lessons, on this device; fifty at most.
import { memory } from './dom.js';

const kept = 50;

/** Seconds at which a lesson goes on, 0 for its beginning. */
export const positionOf = (id) => memory.read('positions', {})[id]?.t ?? 0;

/** Keeps a position; the beginning and the end count as finished. */
export function keepPosition(id, at, duration) {
  const all = memory.read('positions', {});
  delete all[id];
  if (at > 10 && !(at > duration * 0.95)) all[id] = { t: Math.floor(at), at: Date.now() };
  memory.write('positions', Object.fromEntries(Object.entries(all).sort(([, a], [, b]) => b.at - a.at).slice(0, kept)));
}
