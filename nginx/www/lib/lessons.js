// Every sentence of the pages that upload, follow and watch lessons, by key. What refusals say is in text.js.

/** The steps of a task, in the words of the person who waits. */
export const stages = {
  queued: 'Waiting for its turn', checking: 'Checking the file', packaging: 'Preparing the first version',
  encoding: 'Making quality levels', no_room: 'Waiting for room on the disk', publishing: 'Publishing', done: 'Ready',
};
export const stage = (name) => stages[name] ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');

export const states = {
  queued: 'waiting', running: 'being made', growing: 'plays', done: 'ready', dropped: 'not needed', unmade: 'not made',
};

export const words = {
  key: { checking: 'Checking…', go: 'Continue', empty: 'Paste the key first.', held: 'Key', forget: 'Forget', forgotten: 'The key is forgotten.' },
  upload: {
    drop: 'Drop a video here', choose: 'Choose a file', other: 'Choose another', send: 'Upload lesson', cancel: 'Cancel upload',
    types: 'MP4, MOV, MKV, WebM, AVI, WMV, FLV, MPG or TS', one: 'One file at a time: the first was taken.', noFile: 'Choose a video first.',
    empty: 'The file is empty.', type: (name) => `“${name}” isn’t one of the accepted types.`,
    title: 'Title', trainer: 'Trainer id', course: 'Course id', module: 'Module id', lesson: 'Lesson id', where: 'Will play at',
    id: 'Letters, digits, “-” and “_”; starts with a letter or digit; at most 64.', reserved: '“library” is kept for the video library.',
    sending: 'Uploading', sent: 'Sent; the server is checking the file…', stopped: 'The upload was stopped; nothing was kept.',
    details: 'Where it belongs', at: (part) => `${part} uploaded`,
  },
  task: {
    title: 'Progress', loading: 'Looking for the task…', heading: { queued: 'Waiting', running: 'Processing', done: 'Ready', failed: 'It didn’t work', cancelled: 'Stopped' },
    received: 'Received', checked: 'Checked', playable: 'Playable', complete: 'All qualities', watch: 'Watch now', stop: 'Stop processing',
    another: 'Upload another', none: 'The quality levels appear here once the file is checked.', lost: (s) => `No connection; asking again in ${s} s.`,
    stopTitle: 'Stop processing?', stopText: 'What already plays stays; if nothing does yet, the upload is removed.', keep: 'Keep going',
    kinds: { audio: 'Sound', captions: 'Captions', iframes: 'Pictures for fast search', images: 'Pictures of the seek bar', poster: 'Poster', chapters: 'Chapters' },
    speed: (pace) => `${pace} as fast as it plays`, original: 'as uploaded', ready: (name) => `${name} is ready`, nowPlayable: 'Ready to watch', all: 'All quality levels are ready', levels: 'Quality levels',
  },
  captions: {
    title: 'Captions', none: 'No captions yet.', add: 'Add captions', file: 'File (SRT or WebVTT)', language: 'Language', label: 'Name (if not just the language)', send: 'Add',
    languageHint: 'A language tag: en, de, pt-BR …', badLanguage: 'A language tag is 2 or 3 letters, with parts behind “-” if need be.', noFile: 'Choose an SRT or VTT file first.',
    large: 'The file is too large for captions.', remove: (name) => `Remove captions: ${name}`, removeTitle: (name) => `Remove the captions “${name}”?`, removeText: 'Viewers no longer see them. Upload the file again to bring them back.',
    removeYes: 'Remove', keep: 'Keep', sent: (name) => `${name} was taken; it joins the player by itself.`, gone: (name) => `${name} was removed.`, loading: 'Looking for captions…', making: 'being made', embedded: 'from the file',
  },
  recent: { title: 'Recent on this device', empty: 'Lessons you upload here are listed so that you find them again.', watch: 'Watch', progress: 'Progress' },
  watch: {
    title: 'Watch a lesson', hint: 'Enter its address, or choose one you uploaded here.', other: 'Watch another',
    rel: 'Lesson', relHint: 'trainer/course/module/lesson', user: 'Watching as', open: 'Open', bad: 'A lesson is trainer/course/module/lesson.',
  },
};
