// What .NET cannot do by itself, or must be known before it starts. Language and theme are cookies, since the server draws the first page.
const cookie = (name) => document.cookie.split('; ').find((part) => part.startsWith(name + '='))?.slice(name.length + 1);
const setCookie = (name, value) => { document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`; };
const language = cookie('facility-language') === 'en' ? 'en' : 'nl';
const root = document.documentElement;
root.lang = language;
if (['dark', 'light'].includes(cookie('facility-theme'))) root.dataset.theme = cookie('facility-theme');

// What the page is made of is kept for later: all of it.
performance.setResourceTimingBufferSize(1000);

let audio;
const last = 'facility.last';
window.facility = {
  language: (next) => { setCookie('facility-language', next); location.reload(); },
  theme: (next) => { setCookie('facility-theme', next); if (next === 'auto') delete root.dataset.theme; else root.dataset.theme = next; },
  themeNow: () => root.dataset.theme ?? 'auto',
  focus: (id) => document.getElementById(id)?.focus(),
  heading: () => requestAnimationFrame(() => {
    const heading = document.querySelector('h1');
    if (heading) { heading.tabIndex = -1; heading.focus(); }
  }),
  print: () => window.print(),
  reload: () => location.reload(),
  // Private mode, or a full disk: not remembered.
  read: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
  write: (key, value) => { try { localStorage.setItem(key, value); } catch { /* as above */ } },
  // The state that the server put into the page, or what was kept here.
  known: () => document.getElementById('known')?.textContent ?? window.facility.read(last),
  keep: (json) => window.facility.write(last, json),
  // What a person saw goes with them.
  forget: () => { for (const key of [last, 'facility.outbox']) { try { localStorage.removeItem(key); } catch { /* as above */ } } },
  // Lets the service worker keep the files that this page is made of.
  offline: async () => {
    try {
      await navigator.serviceWorker?.register('service-worker.js');
      const files = performance.getEntriesByType('resource').map((entry) => entry.name.split('#')[0]);
      (await navigator.serviceWorker?.ready)?.active.postMessage({ files: [...new Set(files)] });
    } catch { /* no https: no offline page */ }
  },
  badge: (count) => {
    document.title = (count > 0 ? `(${count}) ` : '') + document.title.replace(/^\(\d+\) /, '');
    (count > 0 ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.())?.catch(() => { /* no badge here */ });
  },
  // Two notes, or three pairs of them.
  sound: (urgent) => {
    audio ??= new AudioContext();
    audio.resume();
    for (let i = 0; i < (urgent ? 6 : 2); i++) {
      const [tone, volume, at] = [audio.createOscillator(), audio.createGain(), audio.currentTime + 0.02 + i * 0.22];
      tone.frequency.value = i % 2 ? 660 : 880;
      volume.gain.setValueAtTime(0, at);
      volume.gain.linearRampToValueAtTime(0.3, at + 0.02);
      volume.gain.linearRampToValueAtTime(0, at + 0.2);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.21);
    }
  },
  // This browser's subscription to push, as text for the on-call file. Rejects when the person or the browser says no.
  subscribe: async (applicationServerKey) => {
    if (!navigator.serviceWorker || !window.PushManager) throw new Error('no push here: open this page by https, or install it first');
    await navigator.serviceWorker.register('service-worker.js');
    const push = (await navigator.serviceWorker.ready).pushManager;
    const ask = () => push.subscribe({ userVisibleOnly: true, applicationServerKey });
    // InvalidStateError: there is one with a key that the server had before.
    const subscription = await ask().catch(async (error) => {
      if (error.name !== 'InvalidStateError') throw error;
      await (await push.getSubscription())?.unsubscribe();
      return ask();
    });
    return JSON.stringify(subscription);
  },
};
Blazor.start({ applicationCulture: language });
