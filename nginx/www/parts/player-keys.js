// The keys of a player: they work anywhere on the page unless the focus is where typing or choosing belongs.
const frame = 1 / 25;

const actions = {
  k: (p) => p.toggle(), ' ': (p) => p.toggle(), j: (p) => p.skip(-10), l: (p) => p.skip(10), ArrowLeft: (p) => p.skip(-5), ArrowRight: (p) => p.skip(5),
  ArrowUp: (p) => p.volume(0.05), ArrowDown: (p) => p.volume(-0.05), m: (p) => p.mute(), f: (p) => p.full(), i: (p) => p.stats.toggle(), p: (p) => p.inset(),
  c: (p) => p.toggleCaptions(), s: (p) => p.menu.toggle(), 'Shift+ArrowLeft': (p) => p.chapters.step(-1), 'Shift+ArrowRight': (p) => p.chapters.step(1), '<': (p) => p.faster(-1), '>': (p) => p.faster(1), Home: (p) => p.seek(0), End: (p) => p.seek(p.bar.duration),
  ',': (p) => { if (p.video.paused) p.seek(p.video.currentTime - frame); }, '.': (p) => { if (p.video.paused) p.seek(p.video.currentTime + frame); },
};

export function listenForKeys(player) {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!player.engine || !player.checkVisibility?.() || document.querySelector('dialog[open]')) return;
    const target = event.target, slider = target.matches('input[type=range]');
    if (target.closest('.menu') && !['s', 'i'].includes(event.key)) return;
    if (target.matches('input, textarea, select, [contenteditable]') && !slider) return;
    if ([' ', 'Enter'].includes(event.key) && target.closest('button, a, label')) return;
    if (slider && target.classList.contains('level') && event.key.startsWith('Arrow')) return;
    const far = ['ArrowUp', 'ArrowDown', 'Home', 'End', ' '].includes(event.key);
    if (far && !player.contains(target) && target !== document.body && target.id !== 'main') return;
    const step = event.shiftKey && ['ArrowLeft', 'ArrowRight'].includes(event.key) && player.chapters.list.length;
    const key = step ? `Shift+${event.key}` : event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const run = /^[0-9]$/.test(key) ? (p) => p.seek(p.bar.duration * key / 10) : actions[key];
    if (!run || player.state === 'refused') return;
    event.preventDefault();
    run(player);
  });
}
