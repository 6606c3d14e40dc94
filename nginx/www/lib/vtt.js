// Reads the little WebVTT that stands beside a lesson: times and one text each. What is not a cue is passed over.
const time = /^(?:(\d{1,4}):)?([0-5]?\d):([0-5]?\d)[.,](\d{3})$/;
const entities = { amp: '&', lt: '<', gt: '>', nbsp: '\u00a0', lrm: '', rlm: '' };

function seconds(text) {
  const [, h = 0, m, s, ms] = time.exec(text) ?? [];
  return m === undefined ? NaN : h * 3600 + m * 60 + Number(s) + ms / 1000;
}

/** A cue's words without its markup. */
export const plain = (text) => text.replace(/<[^>]*>/g, '').replace(/&(\w+);/g, (all, name) => entities[name] ?? all).replace(/\s+/g, ' ').trim();

/** The cues in the order of their beginnings: {from, to, text}, times in seconds. */
export function cues(text) {
  const found = [];
  for (const block of text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n').split(/\n{2,}/)) {
    const lines = block.split('\n'), at = lines.findIndex((line) => line.includes('-->'));
    if (at < 0) continue;
    const [from, to] = lines[at].split('-->').map((part) => seconds(part.trim().split(/\s/)[0]));
    if (to > from) found.push({ from, to, text: lines.slice(at + 1).join('\n').trim() });
  }
  return found.sort((a, b) => a.from - b.from);
}

/** The index of the cue that holds at a time, or -1. */
export function holding(list, at) {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].from <= at) low = middle + 1; else high = middle;
  }
  return low - 1;
}
